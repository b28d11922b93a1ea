"""Terraform: read HCL with its places, evaluate it, and say it in CloudFormation's names."""

from templates.terraform.tree import ReadModule, Tree, read_tree

__all__ = ["ReadModule", "Tree", "read_tree"]
