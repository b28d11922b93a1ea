"""How far away the callers of what stands in a network may be.

Sources: each service's page of the CloudFormation resource reference.
"""

from collections.abc import Mapping
from typing import Any

from core.types import Resource, is_unknown
from graph.principal import UNREACHED, Exposure, Level, policy_exposure, widest
from graph.relations import Relations

RULE = "AWS::EC2::SecurityGroupIngress"
_EVERYWHERE = frozenset({"0.0.0.0/0", "::/0", "0:0:0:0:0:0:0:0/0"})

ADDRESSED: Mapping[str, str] = {
    "AWS::AmazonMQ::Broker": "PubliclyAccessible",
    "AWS::DMS::ReplicationInstance": "PubliclyAccessible",
    "AWS::DocDB::DBInstance": "PubliclyAccessible",
    "AWS::Neptune::DBInstance": "PubliclyAccessible",
    "AWS::RDS::DBCluster": "PubliclyAccessible",
    "AWS::RDS::DBInstance": "PubliclyAccessible",
    "AWS::Redshift::Cluster": "PubliclyAccessible",
}
"""Types that get a public address by a property; all of them ask for a password or a signature."""
SEARCH = ("AWS::Elasticsearch::Domain", "AWS::OpenSearchService::Domain")


def group_exposure(group: Resource, relations: Relations) -> Exposure:
    """Return from where a security group lets traffic in; who then asks for a password is not in it."""
    inline = group.properties.get("SecurityGroupIngress") or ()
    if is_unknown(inline):
        return Exposure(Level.NONE, None, "its rules could not be read")
    own = [rule for rule in inline if isinstance(rule, Mapping)]
    beside = [rule.properties for rule in relations.of(group).get(RULE, ())]
    return widest([_rule_exposure(rule) for rule in (*own, *beside)])


def rule_exposure(rule: Resource, _: Relations) -> Exposure:
    """Return the same of a rule that is a resource of its own."""
    return _rule_exposure(rule.properties)


def _rule_exposure(rule: Mapping[str, Any]) -> Exposure:
    source = rule.get("CidrIp") or rule.get("CidrIpv6")
    if source in _EVERYWHERE:
        return Exposure(Level.INTERNET, None, f"its rules let in every address ({source})")
    return UNREACHED


def addressed_exposure(resource: Resource, _: Relations) -> Exposure:
    """Return whether a resource has a public address or only one of its own network."""
    public = resource.properties.get(ADDRESSED[resource.type])
    if is_unknown(public):
        return Exposure(Level.NONE, None, "whether it has a public address is not known")
    if public is True or str(public).lower() == "true":
        return Exposure(Level.INTERNET, True, "it has a public address")
    return Exposure(Level.ACCOUNT, True, "it is reached from its own network")


def search_exposure(domain: Resource, _: Relations) -> Exposure:
    """Return who reaches a search domain: its network, or whom its policy admits from anywhere."""
    if domain.properties.get("VPCOptions"):
        return Exposure(Level.ACCOUNT, None, "it is reached from its own network")
    return policy_exposure(
        domain.properties.get("AccessPolicies"), domain, what="its access policy"
    )
