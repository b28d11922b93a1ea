"""Sign-in, users and functions: fixes that only state values.

Sources: the CloudFormation and SAM references.
"""

from core.gate import Tier
from remediation.setting import state

TIMEOUT_S, MEMORY_MB = 3, 128  # what Lambda does where nothing is stated

state(
    "PL-COGNITO-004",
    "PL-COGNITO-101",
    summary="Give no credentials to guests",
    tier=Tier.NETWORK,
    values={"AllowUnauthenticatedIdentities": False},
    asks_who_calls=True,
    may_break=("Apps get no AWS credentials before their user has signed in",),
)
state(
    "PL-COGNITO-005",
    summary="Allow the enhanced flow only",
    tier=Tier.NETWORK,
    values={"AllowClassicFlow": False},
    asks_who_calls=True,
    may_break=("Apps that call GetOpenIdToken and AssumeRoleWithWebIdentity themselves fail",),
)
state(
    "PL-COGNITO-006",
    summary="Protect the user pool from deletion",
    tier=Tier.DATA,
    values={"DeletionProtection": "ACTIVE"},
    may_break=("Deleting or replacing the pool, also by a test's clean-up, needs it taken off",),
)
state(
    "PL-COGNITO-009",
    summary="Do not tell callers whether a user exists",
    tier=Tier.IDENTITY,
    values={"PreventUserExistenceErrors": "ENABLED"},
    may_break=("Apps that read UserNotFoundException get NotAuthorizedException instead",),
)
state(
    "PL-COGNITO-011",
    summary="Let the app client revoke tokens",
    tier=Tier.IDENTITY,
    values={"EnableTokenRevocation": True},
    may_break=("Access tokens become a little larger: they carry origin_jti and jti",),
)
state(
    "PL-COGNITO-012",
    summary="Let administrators alone create users",
    tier=Tier.NETWORK,
    values={"AdminCreateUserConfig.AllowAdminCreateUserOnly": True},
    asks_who_calls=True,
    may_break=("Nobody can register himself any more",),
)
state(
    "PL-COGNITO-013",
    summary="Require several kinds of characters in passwords",
    tier=Tier.IDENTITY,
    values={
        f"Policies.PasswordPolicy.Require{kind}": True
        for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols")
    },
    may_break=("New and changed passwords must meet the rules; present ones stay valid",),
)
state(
    "PL-LAMBDA-025",
    summary=f"State the function's timeout, {TIMEOUT_S} seconds as Lambda has it",
    tier=Tier.OBSERVABILITY,
    values={"Timeout": TIMEOUT_S},
    sam={"Timeout": TIMEOUT_S},
)
state(
    "PL-LAMBDA-026",
    summary=f"State the function's memory, {MEMORY_MB} MB as Lambda has it",
    tier=Tier.OBSERVABILITY,
    values={"MemorySize": MEMORY_MB},
    sam={"MemorySize": MEMORY_MB},
)
