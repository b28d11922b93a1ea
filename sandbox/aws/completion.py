# ruff: noqa: SLF001, N806 - completing moto means reaching inside it, and its classes keep their names
"""What moto 5.2.5 forgets and the sandbox's AWS remembers. Loaded by the server process only.

Each entry is a property that a template declares, AWS keeps, and moto drops without a word; or a
call that AWS answers and moto does not. docs/sandbox-aws.md lists them with the reason; a test
holds every one against a running server, so that a newer moto shows which are no longer needed.
"""

import json
from importlib import import_module
from types import SimpleNamespace
from typing import Any

STACK_RECORD = "Sandbox::Resources"
"""The key of a template's Metadata under which the deployer registers what it created itself."""

# Kept on creation and update, and returned with the configuration.
_FUNCTION_EXTRAS = ("DeadLetterConfig", "FileSystemConfigs", "LoggingConfig", "SnapStart")
# Kept by moto on creation, dropped by it on update.
_FUNCTION_UPDATES = {
    "TracingConfig": "tracing_config",
    "KMSKeyArn": "kms_key_arn",
}


def _moto(module: str) -> Any:
    """Import a module as it is: what it has, and not what its types say, is what counts here."""
    return import_module(module)


def install() -> None:
    """Complete moto in this process."""
    _keep_function_configuration()
    _list_function_urls()
    _remove_function_destinations()
    _answer_for_deployed_stacks()
    _accept_stack_tags_on_buckets()
    _accept_policies_without_version()
    _accept_layers_of_other_accounts()
    _list_http_authorizers()
    _keep_url_conditions()
    _read_log_delivery_policies()
    _update_table_encryption()
    _change_log_group_keys()


def _keep_function_configuration() -> None:
    LambdaFunction = _moto("moto.awslambda.models").LambdaFunction

    create, configuration, update = (
        LambdaFunction.__init__,
        LambdaFunction.get_configuration,
        LambdaFunction.update_configuration,
    )

    def keeping_create(
        self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any
    ) -> None:
        create(self, account_id, spec, *args, **kwargs)
        self.extras = {k: spec[k] for k in _FUNCTION_EXTRAS if k in spec}

    def keeping_update(self: Any, updates: dict[str, Any]) -> Any:
        for name, attribute in _FUNCTION_UPDATES.items():
            if name in updates:
                setattr(self, attribute, updates[name])
        if "EphemeralStorage" in updates:
            self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        self.extras |= {k: updates[k] for k in _FUNCTION_EXTRAS if k in updates}
        return update(self, updates)

    def keeping_configuration(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = configuration(self, *args, **kwargs)
        # A version that moto copies from a function has no extras of its own yet.
        return found | getattr(self, "extras", {})

    LambdaFunction.__init__ = keeping_create
    LambdaFunction.update_configuration = keeping_update
    LambdaFunction.get_configuration = keeping_configuration


def _list_function_urls() -> None:
    urls = _moto("moto.awslambda.urls")
    FunctionUrlConfig = _moto("moto.awslambda.models").FunctionUrlConfig
    LambdaResponse = _moto("moto.awslambda.responses").LambdaResponse

    def list_function_url_configs(self: Any) -> str:
        name = self.path.rstrip("/").split("/")[-2]
        config = self.backend.get_function(name).url_config
        return json.dumps({"FunctionUrlConfigs": [config.to_dict()] if config else []})

    update, to_dict = FunctionUrlConfig.update, FunctionUrlConfig.to_dict

    def keeping_update(self: Any, config: dict[str, Any]) -> None:
        update(self, config)
        self.config |= {k: config[k] for k in ("InvokeMode",) if k in config}

    def spelled_as_aws_does(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = to_dict(self)
        return found | {"InvokeMode": self.config.get("InvokeMode") or "BUFFERED"}

    FunctionUrlConfig.update = keeping_update
    FunctionUrlConfig.to_dict = spelled_as_aws_does
    LambdaResponse.list_function_url_configs = list_function_url_configs
    urls.url_paths[r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/urls/?$"] = (
        LambdaResponse.dispatch
    )


def _remove_function_destinations() -> None:
    """Let an event invoke configuration be replaced, as PutFunctionEventInvokeConfig promises."""
    LambdaBackend = _moto("moto.awslambda.models").LambdaBackend

    put = LambdaBackend.put_function_event_invoke_config

    def replacing_put(self: Any, function_name: str, config: dict[str, Any]) -> Any:
        function = self.get_function(function_name)
        function.event_invoke_config = []
        return put(self, function_name, config)

    LambdaBackend.put_function_event_invoke_config = replacing_put


def _answer_for_deployed_stacks() -> None:
    """Let DescribeStacks and ListStackResources answer for what the deployer created through boto3.

    The deployer creates a stack without resources whose Metadata names the real ones.
    """
    Stack = _moto("moto.cloudformation.models").Stack

    moto_resources = Stack.stack_resources.fget

    def resources(self: Any) -> Any:
        record = (self.template_dict.get("Metadata") or {}).get(STACK_RECORD)
        if record is None:
            return moto_resources(self)
        return [
            SimpleNamespace(
                logical_resource_id=logical_id,
                physical_resource_id=entry["physical_id"],
                cf_resource_type=entry["type"],
                type=entry["type"],
            )
            for logical_id, entry in record.items()
        ]

    Stack.stack_resources = property(resources)


def _accept_stack_tags_on_buckets() -> None:
    """Take the tags that CloudFormation, as a service, may put where a person may not."""
    S3Response = _moto("moto.s3.responses").S3Response

    def tags(self: Any) -> dict[str, str]:
        found = (
            _moto("xmltodict").parse(self.body, force_list=("Tag",))["Tagging"].get("TagSet") or {}
        )
        return {tag["Key"]: tag["Value"] or "" for tag in found.get("Tag", ())}

    S3Response._bucket_tagging_from_body = tags


def _accept_policies_without_version() -> None:
    """IAM takes a document without Version for one of 2008-10-17; moto refuses it."""
    IAMPolicyDocumentValidator = _moto("moto.iam.policy_validation").IAMPolicyDocumentValidator

    validate = IAMPolicyDocumentValidator._validate_version

    def optional_version(self: Any) -> None:
        if self._policy_json.get("Version", "2008-10-17") != "2008-10-17":
            validate(self)

    IAMPolicyDocumentValidator._validate_version = optional_version


def _accept_layers_of_other_accounts() -> None:
    """A published layer of another account cannot exist in this one, and need not."""
    LambdaFunction = _moto("moto.awslambda.models").LambdaFunction

    known = LambdaFunction._get_layers_data

    def layers(self: Any, arns: list[str]) -> Any:
        own = [arn for arn in arns if arn.split(":")[4] == self.account_id]
        held = {layer["Arn"]: layer for layer in known(self, own)}
        return [held.get(arn, {"Arn": arn, "CodeSize": 0}) for arn in arns]

    LambdaFunction._get_layers_data = layers


def _list_http_authorizers() -> None:
    ApiGatewayV2Response = _moto("moto.apigatewayv2.responses").ApiGatewayV2Response

    def get_authorizers(self: Any) -> Any:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        items = [authorizer.to_json() for authorizer in api.authorizers.values()]
        return 200, {}, json.dumps({"items": items})

    ApiGatewayV2Response.get_authorizers = get_authorizers


def _keep_url_conditions() -> None:
    """Keep how a permission limits calls through a function URL, as a condition of its statement."""
    Policy = _moto("moto.awslambda.policy").Policy

    decode = Policy.decode_policy
    conditions = {
        "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
        "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
    }

    def keeping_decode(self: Any, given: dict[str, Any]) -> Any:
        found = {name: given.pop(name) for name in conditions if name in given}
        policy = decode(self, given)
        for name, value in found.items():
            operator, key = conditions[name]
            held = policy.statements[0].setdefault("Condition", {}).setdefault(operator, {})
            held[key] = str(value).lower() if isinstance(value, bool) else value
        return policy

    Policy.decode_policy = keeping_decode


def _read_log_delivery_policies() -> None:
    """Find S3's own permission among statements of any shape and any prefix."""
    models = _moto("moto.s3.models")

    def permits(target_bucket: Any, target_prefix: str | None) -> bool:
        document = json.loads(target_bucket.policy or b"{}")
        statements = document.get("Statement", [])
        wanted = f"arn:{target_bucket.partition}:s3:::{target_bucket.name}/{target_prefix or ''}"
        return any(
            statement.get("Effect") == "Allow"
            and isinstance(statement.get("Principal"), dict)
            and statement["Principal"].get("Service") == models.LOGGING_SERVICE_PRINCIPAL
            and "s3:PutObject" in statement.get("Action", ())
            and wanted.startswith(str(statement.get("Resource", "?")).rstrip("*"))
            for statement in (statements if isinstance(statements, list) else [statements])
        )

    models.FakeBucket._log_permissions_enabled_policy = staticmethod(permits)


def _update_table_encryption() -> None:
    DynamoHandler = _moto("moto.dynamodb.responses").DynamoHandler
    update = DynamoHandler.update_table

    def keeping_update(self: Any) -> Any:
        wanted = self.body.get("SSESpecification")
        if wanted is not None:
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            if wanted.get("Enabled") and "KMSMasterKeyId" not in wanted:
                key = table._get_default_encryption_key(table.account_id, table.region_name)
                wanted = {**wanted, "KMSMasterKeyId": key}
            table.sse_specification = wanted
        return update(self)

    DynamoHandler.update_table = keeping_update


def _change_log_group_keys() -> None:
    LogsResponse = _moto("moto.logs.responses").LogsResponse
    missing = _moto("moto.logs.exceptions").ResourceNotFoundException

    def set_key(self: Any, key: str | None) -> str:
        group = self.logs_backend.groups.get(self._get_param("logGroupName"))
        if group is None:
            raise missing
        group.kms_key_id = key
        return ""

    LogsResponse.associate_kms_key = lambda self: set_key(self, self._get_param("kmsKeyId"))
    LogsResponse.disassociate_kms_key = lambda self: set_key(self, None)
