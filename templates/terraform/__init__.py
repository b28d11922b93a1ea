"""Terraform: read HCL with its places, evaluate it, and say it in CloudFormation's names."""
