"""Step Functions, Cognito and AppSync: workflows, sign-in and GraphQL in front of functions."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import capitalised, pick, text_without_literals
from collectors.reader import Reader
from collectors.registry import collector
from core.types import EMPTY, Resource

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
USER_POOL = "AWS::Cognito::UserPool"
GRAPHQL_API = "AWS::AppSync::GraphQLApi"


@collector(
    yields=(STATE_MACHINE,),
    calls=("stepfunctions:ListStateMachines", "stepfunctions:DescribeStateMachine"),
)
def state_machines(aws: Reader) -> Iterator[Resource]:
    """State machines with role, logging, tracing and definition (literal secrets replaced)."""
    if aws.only is not None:
        machines: list[Mapping[str, Any]] = [{"stateMachineArn": aws.only.uid}]
    else:
        machines = aws.listed("stepfunctions:ListStateMachines", "stateMachines", of=STATE_MACHINE)
    yield from aws.each(machines, lambda machine: _machine(aws, machine["stateMachineArn"]))


_MACHINE_FACTS = ("RoleArn", "LoggingConfiguration", "TracingConfiguration", "Definition")


def _machine(aws: Reader, arn: str) -> Iterator[Resource]:
    answer = aws.ask(
        "stepfunctions:DescribeStateMachine", uid=arn, of=STATE_MACHINE,
        absent=("StateMachineDoesNotExist",), stateMachineArn=arn,
    )  # fmt: skip
    if answer.body is None and not answer.unread:
        return
    name = arn.rsplit(":", 1)[-1]
    yield aws.resource(
        STATE_MACHINE,
        uid=arn,
        name=name,
        aliases=(name,),
        created_at=(answer.body or {}).get("creationDate"),
        properties={
            "StateMachineName": name,
            **answer.properties(_MACHINE_FACTS, lambda body: _described(aws, body)),
        },
    )


def _described(aws: Reader, machine: Mapping[str, Any]) -> dict[str, Any]:
    logging = capitalised(machine.get("loggingConfiguration") or {})
    return {
        "StateMachineType": machine.get("type"),
        "RoleArn": machine.get("roleArn"),
        "LoggingConfiguration": logging or None,
        "TracingConfiguration": capitalised(machine.get("tracingConfiguration") or {}) or None,
        "EncryptionConfiguration": capitalised(machine.get("encryptionConfiguration") or {})
        or None,
        "Definition": text_without_literals(
            machine.get("definition") or "{}", aws.secret_key, name="Definition"
        ),
    }


@collector(yields=(USER_POOL,), calls=("cognito-idp:ListUserPools", "cognito-idp:DescribeUserPool"))
def user_pools(aws: Reader) -> Iterator[Resource]:
    """User pools: password policy, MFA, sign-up, protection. Never users or client secrets."""
    pools = aws.listed("cognito-idp:ListUserPools", "UserPools", of=USER_POOL)
    yield from aws.each(pools, lambda pool: [_user_pool(aws, pool)])


_POOL_FACTS = (
    "Policies", "MfaConfiguration", "DeletionProtection", "UserPoolAddOns",
    "AdminCreateUserConfig", "AccountRecoverySetting", "UsernameConfiguration", "UserPoolTier",
    "DeviceConfiguration", "UsernameAttributes", "AutoVerifiedAttributes",
)  # fmt: skip


def _user_pool(aws: Reader, listed: Mapping[str, Any]) -> Resource:
    identifier = listed["Id"]
    arn = aws.arn("cognito-idp", f"userpool/{identifier}")
    answer = aws.ask("cognito-idp:DescribeUserPool", uid=arn, of=USER_POOL, UserPoolId=identifier)
    pool = (answer.body or {}).get("UserPool") or {}
    triggers = {
        name: value
        for name, value in (pool.get("LambdaConfig") or {}).items()
        if isinstance(value, str)
    }
    return aws.resource(
        USER_POOL,
        uid=arn,
        name=listed.get("Name") or identifier,
        aliases=(identifier,),
        created_at=listed.get("CreationDate"),
        changed_at=listed.get("LastModifiedDate"),
        tags=None if answer.unread else pool.get("UserPoolTags") or EMPTY,
        properties={
            "UserPoolName": listed.get("Name"),
            **answer.properties(_POOL_FACTS, lambda body: pick(body["UserPool"], *_POOL_FACTS)),
            "LambdaConfig": triggers or None,
        },
    )


@collector(yields=(GRAPHQL_API,), calls=("appsync:ListGraphqlApis",))
def graphql_apis(aws: Reader) -> Iterator[Resource]:
    """GraphQL APIs: authentication, logging, tracing, limits. API keys are never listed."""
    for api in aws.listed("appsync:ListGraphqlApis", "graphqlApis", of=GRAPHQL_API):
        uris = api.get("uris") or {}
        yield aws.resource(
            GRAPHQL_API,
            uid=api["arn"],
            name=api.get("name") or api["apiId"],
            aliases=(api["apiId"], *uris.values()),
            tags=api.get("tags") or EMPTY,
            properties={
                **capitalised(pick(
                    api, "name", "authenticationType", "additionalAuthenticationProviders",
                    "logConfig", "xrayEnabled", "visibility", "introspectionConfig",
                    "queryDepthLimit", "resolverCountLimit", "userPoolConfig", "apiType",
                    "openIDConnectConfig", "lambdaAuthorizerConfig",
                )),
                "WebAclArn": api.get("wafWebAclArn"),
            },
        )  # fmt: skip
