"""What moto 5.2.5 forgets and the sandbox's AWS remembers. Loaded by the server process only.

Each entry is a property that a template declares, AWS keeps, and moto drops without a word; or a
call that AWS answers and moto does not. docs/sandbox-aws.md lists them with the reason; a test
holds every one against a running server, so that a newer moto shows which are no longer needed.
"""

import json
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


def install() -> None:
    """Complete moto in this process."""
    _keep_function_configuration()
    _list_function_urls()
    _remove_function_destinations()
    _answer_for_deployed_stacks()


def _keep_function_configuration() -> None:
    from moto.awslambda.models import LambdaFunction

    create, configuration, update = (
        LambdaFunction.__init__,
        LambdaFunction.get_configuration,
        LambdaFunction.update_configuration,
    )

    def keeping_create(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
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
    from moto.awslambda import urls
    from moto.awslambda.models import FunctionUrlConfig
    from moto.awslambda.responses import LambdaResponse

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
    from moto.awslambda.models import LambdaBackend

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
    from moto.cloudformation.models import Stack

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
