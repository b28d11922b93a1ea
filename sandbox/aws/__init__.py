"""A local AWS on moto, and a deployer that brings it to what templates say."""

from sandbox.aws.deploy import Deployer
from sandbox.aws.record import Deployment, ResourceChange
from sandbox.aws.server import ACCOUNT, REGION, Aws

__all__ = ["ACCOUNT", "REGION", "Aws", "Deployer", "Deployment", "ResourceChange"]
