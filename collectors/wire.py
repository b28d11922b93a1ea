"""The wire to AWS: paced by quota, retried on named transient errors, counted, bounded in time."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from collectors.quota import GLOBAL_SERVICES, Quotas, TokenBucket
from core.errors import CloudError, CredentialsError

ATTEMPTS = 5
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
CONCURRENCY = 8  # requests in flight at once; more only queues behind the interpreter's lock
_USER_AGENT = "plumbline"  # a fixed agent also spares botocore composing one for every request

DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ForbiddenException",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "NotAuthorized",
        "NotAuthorizedException",
        "Forbidden",
        "403",
        "OptInRequired",
        "SubscriptionRequiredException",
        "AllAccessDisabled",
        "KMSAccessDeniedException",
    }
)
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "SlowDown",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "429",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "EC2ThrottledException",
        "ThrottlingError",
    }
)
TRANSIENT = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "InternalServerException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Unavailable",
        "ServiceException",
        "RequestTimeout",
        "RequestTimeoutException",
        "500",
        "502",
        "503",
        "504",
    }
)
UNSUPPORTED = frozenset(
    {
        "404",
        "405",
        "501",
        "NotImplemented",
        "UnknownOperationException",
        "InvalidAction",
        "UnsupportedOperation",
        "UnsupportedOperationException",
        "UnknownOperation",
    }
)
BAD_CREDENTIALS = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "ExpiredToken",
        "ExpiredTokenException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "AuthFailure",
        "InvalidAccessKeyId",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "TokenRefreshRequired",
    }
)


class CallFailed(CloudError):
    """One call failed for good: `reason` is a gap's reason, `code` what AWS called it."""

    def __init__(self, operation: str, reason: str, code: str) -> None:
        super().__init__(f"{operation} {_WORDS[reason]} ({code})")
        self.operation = operation
        self.reason = reason
        self.code = code


class _TryAgain(CallFailed):
    """A failure that may pass: throttled, an internal error, a broken connection."""


_WORDS = {
    "denied": "was denied",
    "throttled": "was throttled past our patience",
    "failed": "failed",
    "timeout": "was not answered in time",
    "unsupported": "is not offered by this endpoint",
}


class Wire:
    """Makes AWS calls for one scan. Thread-safe; `api_calls` counts every request sent.

    Raises (from every call): CallFailed; CredentialsError when AWS refuses who we are.
    """

    def __init__(  # noqa: PLR0913 - each is a limit that a caller may set
        self,
        session: Any,
        *,
        endpoint_url: str | None,
        quotas: Quotas,
        deadline_s: float,
        attempts: int = ATTEMPTS,
        concurrency: int = CONCURRENCY,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        self._session = session
        self._endpoint_url = endpoint_url
        self._quotas = quotas
        self._until = monotonic() + deadline_s
        self._monotonic = monotonic
        self._client_error: type[Exception] = ClientError
        self._botocore_errors: tuple[type[Exception], ...] = (BotoCoreError, ResponseParserError)
        self._lock = threading.Lock()
        self._in_flight = threading.BoundedSemaphore(concurrency)
        self._loader: Any = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._methods: dict[tuple[str, str], Callable[..., Any]] = {}
        self._buckets: dict[tuple[str, str], TokenBucket | None] = {}
        self._retrying = Retrying(
            retry=retry_if_exception_type(_TryAgain),
            stop=stop_after_attempt(attempts),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            reraise=True,
        )
        self.api_calls: Counter[str] = Counter()

    def call(self, operation: str, region: str, **parameters: Any) -> Mapping[str, Any]:
        """Call "service:Operation" and return the answer without its metadata."""
        answer: dict[str, Any] = self._retrying(self._once, operation, region, parameters)
        answer.pop("ResponseMetadata", None)
        return answer

    def pages(self, operation: str, region: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        """Call an operation until it has no further page."""
        rule = self._page_rule(operation)
        inputs, outputs = _listed(rule["input_token"]), _listed(rule["output_token"])
        size = {rule["limit_key"]: rule["page_size"]} if rule.get("page_size") else {}
        request = {**size, **parameters}
        while True:
            answer = self.call(operation, region, **request)
            yield answer
            more = rule.get("more_results")
            if more and not _within(answer, more):
                return
            tokens = {
                name: token
                for name, path in zip(inputs, outputs, strict=True)
                if (token := _within(answer, path))
            }
            if not tokens or all(request.get(name) == token for name, token in tokens.items()):
                return
            request = {**request, **tokens}

    def _once(self, operation: str, region: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        method = self._method(operation, region)
        self._pace(operation, region)
        with self._in_flight:
            if self._monotonic() > self._until:
                raise CallFailed(operation, "timeout", "the scan's time is up")
            with self._lock:
                self.api_calls[operation] += 1
            try:
                answer: dict[str, Any] = method(**parameters)
            except self._client_error as error:
                raise _translated(operation, _code(error)) from error
            except self._botocore_errors as error:
                raise _translated(operation, type(error).__name__) from error
        return answer

    def _pace(self, operation: str, region: str) -> None:
        service, name = operation.split(":", 1)
        quota = self._quotas.quota_of(service, name)
        if quota is None:
            return
        key = (quota.key, "" if service in GLOBAL_SERVICES else region)
        with self._lock:
            if key not in self._buckets:
                self._buckets[key] = self._quotas.bucket(quota)
            bucket = self._buckets[key]
        if bucket is not None and not bucket.take(until=self._until):
            raise CallFailed(operation, "timeout", "the scan's time is up")

    def _method(self, operation: str, region: str) -> Callable[..., Any]:
        method = self._methods.get((operation, region))
        if method is None:
            from botocore import xform_name

            service, name = operation.split(":", 1)
            method = getattr(self._client(service, region), xform_name(name))
            self._methods[operation, region] = method
        return method

    def _client(self, service: str, region: str) -> Any:
        from botocore.config import Config

        with self._lock:  # creating clients of one session is not thread-safe
            client = self._clients.get((service, region))
            if client is None:
                config = Config(
                    retries={"total_max_attempts": 1, "mode": "standard"},  # tenacity retries
                    connect_timeout=CONNECT_TIMEOUT_S,
                    read_timeout=READ_TIMEOUT_S,
                    max_pool_connections=CONCURRENCY,
                    parameter_validation=False,  # our requests are tested; saves CPU on each
                    user_agent=_USER_AGENT,
                    s3={"addressing_style": "path"} if self._endpoint_url else None,
                )
                client = self._session.client(
                    service, region_name=region, endpoint_url=self._endpoint_url, config=config
                )
                if self._endpoint_url and service == "s3control":
                    client.meta.events.register_first("before-sign.s3-control", self._at_endpoint)
                self._clients[service, region] = client
        return client

    def _at_endpoint(self, request: Any, **_: Any) -> None:
        """Undo the account that S3 Control puts before the host, which a local one has no name for."""
        path = urlsplit(request.url)
        at = urlsplit(str(self._endpoint_url))
        request.url = urlunsplit((at.scheme, at.netloc, path.path, path.query, ""))

    def _page_rule(self, operation: str) -> dict[str, Any]:
        from botocore.exceptions import UnknownServiceError
        from botocore.loaders import create_loader

        service, name = operation.split(":", 1)
        rule: dict[str, Any] = {"input_token": "NextToken", "output_token": "NextToken"}
        with self._lock:
            self._loader = self._loader or create_loader()
            try:
                declared = self._loader.load_service_model(service, "paginators-1")["pagination"]
            except UnknownServiceError:  # this service ships no paginators
                declared = {}
        rule |= declared.get(name, {})
        rule["page_size"] = _PAGE_SIZES.get(operation, 0)
        return rule


_PAGE_SIZES = {
    "apigateway:GetRestApis": 500,
    "apigateway:GetResources": 500,
    "cloudwatch:DescribeAlarms": 100,
    "cognito-idp:ListUserPools": 60,
    "ecr:DescribeRepositories": 1000,
    "events:ListRules": 100,
    "iam:ListPolicies": 1000,
    "iam:GetAccountAuthorizationDetails": 1000,
    "kms:ListKeys": 1000,
    "kms:ListAliases": 100,
    "lambda:ListEventSourceMappings": 100,
    "lambda:ListFunctions": 50,
    "resourcegroupstaggingapi:GetResources": 100,
    "secretsmanager:ListSecrets": 100,
    "sqs:ListQueues": 1000,
    "ssm:DescribeParameters": 50,
    "stepfunctions:ListStateMachines": 1000,
    "appsync:ListGraphqlApis": 25,
    "logs:DescribeLogGroups": 50,
    "dynamodb:ListTables": 100,
    "ec2:DescribeSecurityGroups": 1000,
}
"""The largest page each list allows: fewer calls for the same facts."""


def _within(answer: Mapping[str, Any], path: str) -> Any:
    """Return the member at a dotted path: all the paths our operations declare are such."""
    value: Any = answer
    for step in path.split("."):
        value = (value or {}).get(step)
    return value


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _code(error: Any) -> str:
    """Return AWS's error code, or the HTTP status where the answer names none."""
    code = str(error.response.get("Error", {}).get("Code") or "Unknown")
    if code != "Unknown":
        return code
    return str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", code))


_CONNECTION_ERRORS = frozenset(
    {
        "ConnectionClosedError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "EndpointConnectionError",
        "HTTPClientError",
        "ResponseStreamingError",
        "ResponseParserError",
        "ProxyConnectionError",
    }
)
_NO_CREDENTIALS = frozenset(
    {
        "NoCredentialsError",
        "PartialCredentialsError",
        "CredentialRetrievalError",
        "TokenRetrievalError",
        "SSOTokenLoadError",
        "UnauthorizedSSOTokenError",
        "ProfileNotFound",
    }
)


def _translated(operation: str, code: str) -> CloudError:
    """Say what an AWS or botocore error code means for us."""
    if code in BAD_CREDENTIALS or code in _NO_CREDENTIALS:
        return CredentialsError(
            f"AWS does not accept the credentials ({code}). Renew them, or name a role that "
            "Plumbline may assume; `plumbline doctor` says what is missing."
        )
    if code in DENIED:
        return CallFailed(operation, "denied", code)
    if code in THROTTLED:
        return _TryAgain(operation, "throttled", code)
    if code in TRANSIENT:
        return _TryAgain(operation, "failed", code)
    if code in _CONNECTION_ERRORS:
        return _TryAgain(operation, "timeout" if "Timeout" in code else "failed", code)
    if code in UNSUPPORTED:
        return CallFailed(operation, "unsupported", code)
    return CallFailed(operation, "failed", code)
