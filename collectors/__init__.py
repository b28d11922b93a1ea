"""Facts in: cloud configuration becomes Resources, in CloudFormation's names.

`AwsCloud` is the adapter of the `Cloud` port; `permission` says what its role must allow; a new
kind of resource is one function with `@registry.collector`.
"""

from collectors import permission, registry
from collectors.cloud import AwsCloud
from collectors.quota import Quotas

__all__ = ["AwsCloud", "Quotas", "permission", "registry"]
