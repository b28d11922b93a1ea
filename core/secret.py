"""Classify values that may be secret and replace them by keyed fingerprints.

Every value that a person could have put a secret into (environment variables above all) becomes
`secret:<kind>:<hmac>`: the kind stays, equal values stay equal, nothing gives the value back.
"""

import hashlib
import hmac
import math
import re
from collections import Counter

PLAIN = "plain"

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("aws_access_key_id", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("private_key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("slack_token", re.compile(r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}")),
    ("github_token", re.compile(r"\bgh[pousr]_[0-9A-Za-z]{36,}\b|\bgithub_pat_[0-9A-Za-z_]{22,}")),
    ("stripe_key", re.compile(r"\b[rs]k_live_[0-9A-Za-z]{16,}")),
    ("jwt", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}")),
    ("connection_string", re.compile(r"^[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s@/]+@", re.IGNORECASE)),
)
_SECRET_NAME = re.compile(
    r"(?:^|[_\-.])(?:PASSWORD|PASSWD|PWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|"
    r"CREDENTIALS?|AUTH_?KEY|CLIENT_?SECRET|SIGNING_?KEY|ENCRYPTION_?KEY)(?:$|[_\-.\d])",
    re.IGNORECASE,
)
_REFERENCE_NAME = re.compile(
    r"(?:ARN|NAME|_ID|URL|URI|PATH|TTL|EXPIRY|LENGTH|TABLE|BUCKET|PARAM|PARAMETER)$", re.IGNORECASE
)
_REFERENCE_VALUE = re.compile(
    r"^(?:arn:aws|\{\{resolve:|\$\{|https?://[^@]*$|/[\w/.-]+$)|^$", re.IGNORECASE
)
_ASSIGNED = re.compile(r"""([\w.-]+)["']?\s*[=:]\s*["']?([^\s"',;&]+)""")
_UNREMARKABLE = frozenset({PLAIN, "high_entropy"})
_ENTROPY_BITS = 4.0  # random base64 of 32+ characters measures above 4.2, English words below 3.8
_ENTROPY_LENGTH = 32


def _entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())


def classify(name: str, value: str) -> str:
    """Return the kind of secret a value looks like, `plain` for none.

    The name alone is enough ("DB_PASSWORD") unless the value is a reference to where a secret is
    kept (an ARN, a path, a dynamic reference).
    """
    for kind, pattern in _PATTERNS:
        if pattern.search(value):
            return kind
    if _REFERENCE_VALUE.search(value):
        return PLAIN
    if _SECRET_NAME.search(_snake(name)) and not _REFERENCE_NAME.search(name) and len(value) > 3:
        return "named_secret"
    compact = re.fullmatch(r"[A-Za-z0-9+/=_-]+", value)
    if compact and len(value) >= _ENTROPY_LENGTH and _entropy(value) > _ENTROPY_BITS:
        return "high_entropy"
    return PLAIN


def holds_secret(name: str, text: str) -> bool:
    """Whether a text may be a secret, or has one written into it ("password=...").

    Randomness alone says nothing: names and ids of resources look random too. Nor does the name of a
    condition key ("token.actions.githubusercontent.com:sub").
    """
    name = "" if ":" in name else name
    if classify(name, text) not in _UNREMARKABLE:
        return True
    return any(classify(m[1], m[2]) == "named_secret" for m in _ASSIGNED.finditer(text))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)


def redact(name: str, value: str, key: bytes) -> str:
    """Return `secret:<kind>:<hmac>` for a value, keyed so that it cannot be guessed offline."""
    mac = hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:16]
    return f"secret:{classify(name, value)}:{mac}"
