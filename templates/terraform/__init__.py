"""Terraform: read HCL with its places, evaluate it, and say it in CloudFormation's names."""

from templates.terraform.configuration import Sources, root_modules
from templates.terraform.model import Block
from templates.terraform.read import Module, read_module
from templates.terraform.tree import ReadModule, Tree, read_tree

__all__ = [
    "Block",
    "Module",
    "ReadModule",
    "Sources",
    "Tree",
    "read_module",
    "read_tree",
    "root_modules",
]
