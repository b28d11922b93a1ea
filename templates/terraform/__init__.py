"""Terraform: read HCL with its places, evaluate it, and say it in CloudFormation's names."""

from templates.terraform.configuration import Sources, root_modules
from templates.terraform.model import Block
from templates.terraform.read import Module, read_module

__all__ = ["Block", "Module", "Sources", "read_module", "root_modules"]
