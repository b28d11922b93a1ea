"""From how far away a resource can be reached, and whether callers must prove who they are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from core.types import Resource, is_unknown
from graph import network, reference
from graph.api import METHOD, ROUTE, api_exposure, entry_exposure, function_calls
from graph.ground import Ground
from graph.iam import covers_action
from graph.principal import (
    UNREACHED,
    Exposure,
    Level,
    policy_exposure,
    principal_exposure,
    principals,
    widest,
)
from graph.relations import Relations

PERMISSION = "AWS::Lambda::Permission"
URL = "AWS::Lambda::Url"
_STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
_ACL_GROUPS = ("AllUsers", "AuthenticatedUsers")  # the last words of the groups' URIs
_PUBLIC_ACLS = frozenset({"PublicRead", "PublicReadWrite", "AuthenticatedRead"})

# type -> where its resource policy stands: properties of its own, and policies beside it.
_POLICIES: Mapping[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        reference.QUEUE: ((), (("AWS::SQS::QueuePolicy", "PolicyDocument"),)),
        reference.TOPIC: ((), (("AWS::SNS::TopicPolicy", "PolicyDocument"),)),
        reference.KEY: (("KeyPolicy",), ()),
        reference.SECRET: ((), (("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy"),)),
        reference.STREAM: (
            ("ResourcePolicy",),
            (("AWS::Kinesis::ResourcePolicy", "ResourcePolicy"),),
        ),
        reference.TABLE: (("ResourcePolicy",), ()),
        reference.EVENT_BUS: (("Policy",), (("AWS::Events::EventBusPolicy", "Statement"),)),
        "AWS::ECR::Repository": (("RepositoryPolicyText",), ()),
        reference.ROLE: (("AssumeRolePolicyDocument",), ()),
    }
)


def exposure(resource: Resource, relations: Relations) -> Exposure:
    """Return who can reach a resource: nobody, its account, other accounts, the internet.

    What could not be read never counts as closed: `authenticated` is then None and `why` says so.
    """
    measure = _MEASURES.get(resource.type)
    if measure is not None:
        return measure(resource, relations)
    if resource.type in _POLICIES:
        return _by_policies(resource, relations)
    return UNREACHED


def _by_policies(resource: Resource, relations: Relations) -> Exposure:
    own, beside = _POLICIES[resource.type]
    found = [
        policy_exposure(_inner(resource.properties[name]), resource, what=f"its {name}")
        for name in own
        if resource.properties.get(name)
    ]
    related = relations.of(resource)
    for kind, name in beside:
        found += [
            _held_by(
                policy, policy_exposure(policy.properties.get(name), resource, what="its policy")
            )
            for policy in related.get(kind, ())
        ]
        if kind in resource.unreadable:
            found.append(Exposure(Level.NONE, None, "its policy could not be read"))
    return widest(found)


def _held_by(policy: Resource, found: Exposure) -> Exposure:
    """Return an exposure whose grounds stand in a policy beside the resource."""
    return replace(found, grounds=tuple(g._replace(resource_uid=policy.uid) for g in found.grounds))


def policies_of(resource: Resource, relations: Relations) -> Iterator[tuple[str, Any, str]]:
    """Yield each of a resource's own policies that could be read or is unknown.

    With what it is called, and the uid of what holds it: the resource, or a policy beside it.
    """
    own, beside = _POLICIES.get(resource.type, ((), ()))
    if resource.type == reference.BUCKET:
        beside = (("AWS::S3::BucketPolicy", "PolicyDocument"),)
    for name in own:
        if resource.properties.get(name):
            yield f"its {name}", _inner(resource.properties[name]), resource.uid
    related = relations.of(resource)
    for kind, name in beside:
        for policy in related.get(kind, ()):
            called = f"its {kind.rpartition('::')[2]}"
            yield called, policy.properties.get(name), policy.uid


def _inner(document: Any) -> Any:
    """Take a document out of the PolicyDocument that DynamoDB wraps it in."""
    if isinstance(document, Mapping) and "PolicyDocument" in document:
        return document["PolicyDocument"]
    return document


def _function(function: Resource, relations: Relations) -> Exposure:
    related = relations.of(function)
    doors = [function, *related.get(reference.ALIAS, ())]
    found = [*function_calls(function, relations)]
    for door in doors:
        beside = relations.of(door)
        found += [_url(url, relations) for url in beside.get(URL, ())]
        found += [_permission(p, function) for p in beside.get(PERMISSION, ())]
    if PERMISSION in function.unreadable:
        found.append(Exposure(Level.NONE, None, "its resource policy could not be read"))
    return widest(found)


def _permission(permission: Resource, function: Resource) -> Exposure:
    """Return whom one Lambda permission admits to Invoke; a URL's own are read with the URL."""
    given = permission.properties
    if given.get("FunctionUrlAuthType") or given.get("InvokedViaFunctionUrl"):
        return UNREACHED
    if not covers_action({"Action": given.get("Action")}, "lambda:InvokeFunction"):
        return UNREACHED
    return _admitted(permission, function, "its policy")


def _admitted(permission: Resource, subject: Resource, what: str) -> Exposure:
    """Return whom a permission's principals are, one or several."""
    given = permission.properties
    conditions = _conditions(given)
    found = widest([principal_exposure(p, conditions, subject, what) for p in principals(given)])
    return replace(found, grounds=(Ground(permission.uid, what, given),))


def _conditions(given: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        "SourceArn": "aws:SourceArn",
        "SourceAccount": "aws:SourceAccount",
        "PrincipalOrgID": "aws:PrincipalOrgID",
    }
    tests = {key: given[name] for name, key in named.items() if given.get(name)}
    return {"StringLike": tests} if tests else {}


def _url(url: Resource, relations: Relations) -> Exposure:
    kind = url.properties.get("AuthType")
    doors = [
        *relations.of(url).get(reference.FUNCTION, ()),
        *relations.of(url).get(reference.ALIAS, ()),
    ]
    permissions = [p for d in doors for p in relations.of(d).get(PERMISSION, ())]
    unread = any(PERMISSION in d.unreadable for d in doors) or not doors
    setting = Ground(url.uid, "the function URL", {"AuthType": kind})
    if is_unknown(kind):
        return Exposure(
            Level.INTERNET, None, "a function URL whose AuthType is not known", (setting,)
        )
    admitted = widest(
        [
            _admitted(p, url, "the URL's policy")
            for p in permissions
            if covers_action({"Action": p.properties.get("Action")}, "lambda:InvokeFunctionUrl")
            and p.properties.get("FunctionUrlAuthType") in (None, kind)
        ]
    )
    if kind == "NONE":
        if unread:
            return Exposure(
                Level.INTERNET,
                None,
                "the function URL has AuthType NONE; its policy could not be read",
                (setting,),
            )
        if admitted.level == Level.INTERNET:
            return Exposure(
                Level.INTERNET,
                False,
                "the function URL has AuthType NONE and its policy admits everyone",
                (setting, *admitted.grounds),
            )
        return Exposure(
            Level.ACCOUNT,
            True,
            "the function URL has AuthType NONE but its policy does not admit everyone",
        )
    if admitted.level >= Level.CROSS_ACCOUNT:
        return admitted
    return Exposure(Level.ACCOUNT, True, "the function URL asks for a signature of its account")


def _bucket(bucket: Resource, relations: Relations) -> Exposure:
    block = bucket.properties.get("PublicAccessBlockConfiguration")
    if is_unknown(block):
        return Exposure(Level.NONE, None, "its public access block could not be read")
    found: list[Exposure] = []
    for policy in relations.of(bucket).get("AWS::S3::BucketPolicy", ()):
        allowed = policy_exposure(
            policy.properties.get("PolicyDocument"), bucket, what="its bucket policy"
        )
        allowed = _held_by(policy, allowed)
        if allowed.level == Level.INTERNET and _blocks(bucket, "RestrictPublicBuckets"):
            allowed = Exposure(
                Level.ACCOUNT, True, "its policy is public but public access is blocked"
            )
        found.append(allowed)
    if "AWS::S3::BucketPolicy" in bucket.unreadable:
        found.append(Exposure(Level.NONE, None, "its bucket policy could not be read"))
    if not _blocks(bucket, "IgnorePublicAcls") and not _without_acls(bucket):
        found.append(_acl(bucket))
    return widest(found)


def _blocks(bucket: Resource, setting: str) -> bool:
    """Whether one public access setting is on.

    A bucket that a template declares without the block gets all four: the default for new buckets
    since April 2023. A live bucket without it has none.
    """
    block = bucket.properties.get("PublicAccessBlockConfiguration")
    if not isinstance(block, Mapping):
        return not bucket.is_live
    return block.get(setting) is True or str(block.get(setting)).lower() == "true"


def _without_acls(bucket: Resource) -> bool:
    controls = bucket.properties.get("OwnershipControls")
    rules = controls.get("Rules") if isinstance(controls, Mapping) else None
    if not isinstance(rules, list):
        return not bucket.is_live  # the default for new buckets since April 2023
    return any(
        isinstance(r, Mapping) and r.get("ObjectOwnership") == "BucketOwnerEnforced" for r in rules
    )


def _acl(bucket: Resource) -> Exposure:
    acl = bucket.properties.get("AccessControl")
    if acl in _PUBLIC_ACLS:
        said = Ground(bucket.uid, "its ACL", {"AccessControl": acl})
        return Exposure(Level.INTERNET, False, f"its ACL is {acl}", (said,))
    grants = bucket.properties.get("AccessControlGrants") or ()
    if is_unknown(grants):
        return Exposure(Level.NONE, None, "its ACL could not be read")
    open_ = [g for g in grants if isinstance(g, Mapping) and _is_everyone(g)]
    if open_:
        said = Ground(bucket.uid, "its ACL", {"AccessControlGrants": open_})
        return Exposure(Level.INTERNET, False, "its ACL grants access to everyone", (said,))
    return UNREACHED


def _is_everyone(grant: Mapping[str, Any]) -> bool:
    return str(grant.get("Grantee", "")).endswith(_ACL_GROUPS)


def _distribution(distribution: Resource, _: Relations) -> Exposure:
    config = distribution.properties.get("DistributionConfig")
    behaviour = config.get("DefaultCacheBehavior") if isinstance(config, Mapping) else None
    signed = isinstance(behaviour, Mapping) and (
        behaviour.get("TrustedKeyGroups") or behaviour.get("TrustedSigners")
    )
    if signed:
        return Exposure(Level.INTERNET, True, "it serves the internet to holders of signed URLs")
    return Exposure(Level.INTERNET, False, "it serves the internet")


def _graphql(api: Resource, _: Relations) -> Exposure:
    if api.properties.get("Visibility") == "PRIVATE":
        return Exposure(Level.ACCOUNT, None, "a private API, reached from its own network")
    others = api.properties.get("AdditionalAuthenticationProviders") or ()
    kinds = [api.properties.get("AuthenticationType")]
    kinds += [o.get("AuthenticationType") for o in others if isinstance(o, Mapping)]
    setting = Ground(api.uid, "the GraphQL API", {"AuthenticationType": kinds})
    if "API_KEY" in kinds:
        return Exposure(
            Level.INTERNET,
            False,
            "the GraphQL API takes an API key, which its clients carry",
            (setting,),
        )
    if kinds == ["AWS_IAM"]:
        return Exposure(Level.ACCOUNT, True, "the GraphQL API asks for a signature of its account")
    known = all(isinstance(k, str) for k in kinds)
    return Exposure(
        Level.INTERNET, True if known else None, "the GraphQL API asks callers to sign in"
    )


def _user_pool(pool: Resource, _: Relations) -> Exposure:
    config = pool.properties.get("AdminCreateUserConfig")
    closed = isinstance(config, Mapping) and config.get("AllowAdminCreateUserOnly") is True
    why = (
        "its users sign in from the internet" if closed else "anyone may sign up from the internet"
    )
    return Exposure(Level.INTERNET, True, why)


def _stage(stage: Resource, relations: Relations) -> Exposure:
    related = relations.of(stage)
    apis = (*related.get(reference.REST_API, ()), *related.get(reference.HTTP_API, ()))
    return widest([api_exposure(api, relations) for api in apis])


def _permission_itself(permission: Resource, _: Relations) -> Exposure:
    return _permission(permission, permission)


_MEASURES: Mapping[str, Callable[[Resource, Relations], Exposure]] = MappingProxyType(
    {
        reference.FUNCTION: _function,
        URL: _url,
        PERMISSION: _permission_itself,
        reference.BUCKET: _bucket,
        reference.REST_API: api_exposure,
        reference.HTTP_API: api_exposure,
        METHOD: entry_exposure,
        ROUTE: entry_exposure,
        **dict.fromkeys(_STAGES, _stage),
        "AWS::CloudFront::Distribution": _distribution,
        reference.GRAPHQL_API: _graphql,
        reference.USER_POOL: _user_pool,
        reference.SECURITY_GROUP: network.group_exposure,
        network.RULE: network.rule_exposure,
        **dict.fromkeys(network.ADDRESSED, network.addressed_exposure),
        **dict.fromkeys(network.SEARCH, network.search_exposure),
    }
)
