"""A local AWS on moto, a deployer that brings it to what templates say, and an estate in it."""

from sandbox.aws.deploy import Deployer
from sandbox.aws.follow import Follower
from sandbox.aws.record import Deployment, ResourceChange
from sandbox.aws.server import ACCOUNT, REGION, Aws
from sandbox.aws.world import World, estate_files, start_estate

__all__ = [
    "ACCOUNT",
    "REGION",
    "Aws",
    "Deployer",
    "Deployment",
    "Follower",
    "ResourceChange",
    "World",
    "estate_files",
    "start_estate",
]
