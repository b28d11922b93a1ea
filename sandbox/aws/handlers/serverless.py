"""AWS::StepFunctions::*, AWS::AppSync::*, AWS::Pipes::Pipe, AWS::Scheduler::*."""

import json
import re
from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, record_only, register
from sandbox.aws.simple import Simple, Tags, register_simple

_NOT_UPLOADED = {"StartAt": "NotUploaded", "States": {"NotUploaded": {"Type": "Succeed"}}}
_SUBSTITUTION = re.compile(r"\$\{([^}]+)\}")


def _definition(call: Call) -> str:
    if call.get("DefinitionString") is not None:
        text = shape.text(call.get("DefinitionString"))
    elif call.get("Definition") is not None:
        text = json.dumps(call.get("Definition"))
    else:
        text = json.dumps(_NOT_UPLOADED)
    bound = call.get("DefinitionSubstitutions") or {}
    return _SUBSTITUTION.sub(lambda m: shape.text(bound.get(m[1], m[0])), text)


def _machine(call: Call) -> dict[str, Any]:
    logging = call.get("LoggingConfiguration")
    tracing = call.get("TracingConfiguration")
    if logging is None and "LoggingConfiguration" in call.previous:
        logging = {"Level": "OFF"}
    if tracing is None and "TracingConfiguration" in call.previous:
        tracing = {"Enabled": False}
    return {
        "roleArn": call.get("RoleArn"),
        "type": call.get("StateMachineType"),
        "loggingConfiguration": logging,
        "tracingConfiguration": tracing,
        "encryptionConfiguration": call.get("EncryptionConfiguration"),
        "definition": _definition(call),
    }


def _create_machine(call: Call) -> str:
    found: dict[str, Any] = call.api(
        "stepfunctions",
        "create_state_machine",
        _machine(call),
        name=call.name("StateMachineName", limit=80),
        tags=call.tag_list(key="key", value="value"),
    )
    return str(found["stateMachineArn"])


def _update_machine(call: Call) -> None:
    arn = call.physical_id
    call.api("stepfunctions", "update_state_machine", _machine(call), stateMachineArn=arn)
    call.retag("stepfunctions", call.tag_list(key="key", value="value"), resourceArn=arn)


def _read_machine(call: Call) -> Mapping[str, Any]:
    arn = call.physical_id
    found: dict[str, Any] = call.api("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    tags = call.api("stepfunctions", "list_tags_for_resource", resourceArn=arn)["tags"]
    same = json.loads(found["definition"]) == json.loads(_definition(call))
    definition = {
        name: call.get(name) if same else found["definition"]
        for name in ("DefinitionString", "Definition", "DefinitionSubstitutions")
        if call.get(name) is not None
    }
    return (
        found
        | definition
        | {
            "StateMachineName": found["name"],
            "StateMachineType": found["type"],
            "Tags": {t["key"]: t["value"] for t in tags},
        }
    )


register(
    Handler(
        type="AWS::StepFunctions::StateMachine",
        create=_create_machine,
        read=_read_machine,
        update=_update_machine,
        delete=lambda call: call.api(
            "stepfunctions", "delete_state_machine", stateMachineArn=call.physical_id
        ),
        attributes=lambda call: {
            "Arn": call.physical_id,
            "Name": call.physical_id.rsplit(":", 1)[1],
        },
        immutable=frozenset({"StateMachineName", "StateMachineType"}),
        not_verifiable={
            "DefinitionS3Location": "the sandbox uploads no files; the machine gets one empty state",
        },
    )
)
register_simple(
    Simple(
        type="AWS::StepFunctions::Activity",
        service="stepfunctions",
        create="create_activity",
        read="describe_activity",
        delete="delete_activity",
        key="activityArn",
        made="activityArn",
        name="Name",
        attributes={"Arn": "activityArn", "Name": "name"},
    )
)

register_simple(
    Simple(
        type="AWS::AppSync::GraphQLApi",
        service="appsync",
        create="create_graphql_api",
        read="get_graphql_api",
        delete="delete_graphql_api",
        update="update_graphql_api",
        key="apiId",
        made="graphqlApi.apiId",
        found="graphqlApi",
        tags=Tags.MAP,
        tag_key="Tags",
        attributes={
            "ApiId": "apiId",
            "Arn": "arn",
            "GraphQLUrl": "uris.GRAPHQL",
            "GraphQLDns": "dns.GRAPHQL",
        },
        not_verifiable={
            "IntrospectionConfig": NOT_IN_MOTO,
            "QueryDepthLimit": NOT_IN_MOTO,
            "ResolverCountLimit": NOT_IN_MOTO,
            "EnvironmentVariables": NOT_IN_MOTO,
            "OwnerContact": NOT_IN_MOTO,
        },
    )
)


def _create_key(call: Call) -> str:
    found: dict[str, Any] = call.api("appsync", "create_api_key", call.properties)["apiKey"]
    return str(found["id"])


def _read_key(call: Call) -> Mapping[str, Any]:
    keys = call.api("appsync", "list_api_keys", apiId=call.get("ApiId"))["apiKeys"]
    found: dict[str, Any] = next((k for k in keys if k["id"] == call.physical_id), {})
    return found | {"ApiId": call.get("ApiId")}


register(
    Handler(
        type="AWS::AppSync::ApiKey",
        create=_create_key,
        read=_read_key,
        delete=lambda call: call.api(
            "appsync", "delete_api_key", apiId=call.get("ApiId"), id=call.physical_id
        ),
        attributes=lambda call: {"ApiKey": call.physical_id, "ApiKeyId": call.physical_id},
        part_of=("ApiId",),
        not_verifiable={"Expires": "AppSync rounds it down to the hour"},
    )
)


def _create_schema(call: Call) -> str:
    definition = str(call.get("Definition") or "type Query { empty: String }")
    call.api(
        "appsync", "start_schema_creation", apiId=call.get("ApiId"), definition=definition.encode()
    )
    return f"{call.get('ApiId')}GraphQLSchema"


def _read_schema(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(
        "appsync", "get_schema_creation_status", apiId=call.get("ApiId")
    )
    accepted = found["status"] in ("SUCCESS", "ACTIVE", "PROCESSING")
    return {
        "ApiId": call.get("ApiId"),
        "Definition": call.get("Definition") if accepted else found.get("details"),
    }


register(
    Handler(
        type="AWS::AppSync::GraphQLSchema",
        create=_create_schema,
        read=_read_schema,
        update=_create_schema,
        delete=lambda _: None,
        part_of=("ApiId",),
        not_verifiable={"DefinitionS3Location": "the sandbox uploads no files"},
    )
)
for _noun, _attributes in (
    ("DataSource", ("DataSourceArn", "Name")),
    ("Resolver", ("ResolverArn", "FieldName", "TypeName")),
    ("FunctionConfiguration", ("FunctionArn", "FunctionId", "Name", "DataSourceName")),
):
    record_only(
        f"AWS::AppSync::{_noun}",
        "moto knows no data sources, resolvers or functions of GraphQL APIs",
        attributes=_attributes,
    )

register_simple(
    Simple(
        type="AWS::Pipes::Pipe",
        service="pipes",
        create="create_pipe",
        read="describe_pipe",
        delete="delete_pipe",
        key="Name",
        name="Name",
        tags=Tags.MAP,
        attributes={"Arn": "Arn"},
    )
)
register_simple(
    Simple(
        type="AWS::Scheduler::ScheduleGroup",
        service="scheduler",
        create="create_schedule_group",
        read="get_schedule_group",
        delete="delete_schedule_group",
        key="Name",
        name="Name",
        attributes={"Arn": "Arn"},
    )
)
register_simple(
    Simple(
        type="AWS::Scheduler::Schedule",
        service="scheduler",
        create="create_schedule",
        read="get_schedule",
        delete="delete_schedule",
        update="update_schedule",
        key="Name",
        name="Name",
        attributes={"Arn": "Arn"},
    )
)
