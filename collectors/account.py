"""What an account says of itself: the root user, passwords, contacts, and what is on in each Region.

The types AWS::Account::Account and AWS::Account::Region are ours: CloudFormation has none for these
settings. Of contacts only whether one is registered is kept, never who it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import pick
from collectors.reader import Answer, Reader
from collectors.registry import Scope, collector
from core.types import EMPTY, Resource, is_unknown

ACCOUNT = "AWS::Account::Account"
REGION = "AWS::Account::Region"
PASSWORD_POLICY = "AWS::IAM::AccountPasswordPolicy"  # noqa: S105 - a resource type
PUBLIC_ACCESS_BLOCK = "AWS::S3::AccountPublicAccessBlock"
SERVER_CERTIFICATE = "AWS::IAM::ServerCertificate"

_SUPPORT_POLICY = "AWSSupportAccess"
# Without a policy of its own an account has IAM's default one.
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
_DEFAULT_LENGTH = 8


@collector(
    yields=(ACCOUNT, PASSWORD_POLICY, PUBLIC_ACCESS_BLOCK, SERVER_CERTIFICATE),
    calls=(
        "iam:GetAccountSummary",
        "iam:ListVirtualMFADevices",
        "iam:ListEntitiesForPolicy",
        "iam:GetAccountPasswordPolicy",
        "iam:ListServerCertificates",
        "account:GetAlternateContact",
        "s3control:GetPublicAccessBlock",
    ),
    scope=Scope.GLOBAL,
)
def account_settings(aws: Reader) -> Iterator[Resource]:
    """Account: the root user's MFA, password policy, security contact, block of public buckets."""
    uid = f"arn:{aws.place.partition}:account::{aws.place.account}:account"
    yield aws.resource(
        ACCOUNT,
        uid=uid,
        name=aws.place.account,
        everywhere=True,
        tags=EMPTY,
        properties={
            **_root(aws, uid),
            "HasSecurityContact": _has_security_contact(aws, uid),
            "HasSupportRole": _has_support_role(aws, uid),
        },
    )
    yield _password_policy(aws)
    yield _public_access_block(aws)
    for item in aws.listed(
        "iam:ListServerCertificates", "ServerCertificateMetadataList", of=SERVER_CERTIFICATE
    ):
        yield _server_certificate(aws, item)


def _root(aws: Reader, uid: str) -> dict[str, Any]:
    summary = aws.ask("iam:GetAccountSummary", uid=uid, of=ACCOUNT)
    devices, unread = aws.ask_all(
        "iam:ListVirtualMFADevices", "VirtualMFADevices", uid=uid, of=ACCOUNT,
        AssignmentStatus="Assigned",
    )  # fmt: skip
    virtual = Answer({"devices": devices} if not unread else None, unread)
    return {
        "RootMfaActive": summary.value(
            lambda body: bool((body.get("SummaryMap") or {}).get("AccountMFAEnabled"))
        ),
        "RootMfaIsVirtual": virtual.value(
            lambda body: any(_is_of_root(device) for device in body["devices"])
        ),
    }


def _is_of_root(device: Mapping[str, Any]) -> bool:
    return str((device.get("User") or {}).get("Arn", "")).endswith(":root")


def _has_security_contact(aws: Reader, uid: str) -> Any:
    answer = aws.ask(
        "account:GetAlternateContact", uid=uid, of=ACCOUNT,
        absent=("ResourceNotFoundException",), AlternateContactType="SECURITY",
    )  # fmt: skip
    return bool(answer.body) if not answer.unread else answer.value(bool)


def _has_support_role(aws: Reader, uid: str) -> Any:
    answer = aws.ask(
        "iam:ListEntitiesForPolicy", uid=uid, of=ACCOUNT, absent=("NoSuchEntity",),
        PolicyArn=f"arn:{aws.place.partition}:iam::aws:policy/{_SUPPORT_POLICY}",
        EntityFilter="Role",
    )  # fmt: skip
    if answer.unread:
        return answer.value(bool)
    return bool((answer.body or {}).get("PolicyRoles"))


def _password_policy(aws: Reader) -> Resource:
    uid = f"arn:{aws.place.partition}:iam::{aws.place.account}:password-policy"
    names = (
        "MinimumPasswordLength", "RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters",
        "RequireLowercaseCharacters", "AllowUsersToChangePassword", "MaxPasswordAge",
        "PasswordReusePrevention", "HardExpiry",
    )  # fmt: skip
    answer = aws.ask(
        "iam:GetAccountPasswordPolicy", uid=uid, of=PASSWORD_POLICY, absent=("NoSuchEntity",)
    )
    stated = answer.properties(names, lambda body: pick(body["PasswordPolicy"], *names))
    return aws.resource(
        PASSWORD_POLICY,
        uid=uid,
        name=aws.place.account,
        everywhere=True,
        tags=EMPTY,
        properties=stated or {"MinimumPasswordLength": _DEFAULT_LENGTH},
    )


def _public_access_block(aws: Reader) -> Resource:
    uid = f"arn:{aws.place.partition}:s3::{aws.place.account}:public-access-block"
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    answer = aws.ask(
        "s3control:GetPublicAccessBlock", uid=uid, of=PUBLIC_ACCESS_BLOCK,
        absent=("NoSuchPublicAccessBlockConfiguration",), AccountId=aws.place.account,
    )  # fmt: skip
    stated = answer.properties(
        names, lambda body: pick(body["PublicAccessBlockConfiguration"], *names)
    )
    return aws.resource(
        PUBLIC_ACCESS_BLOCK,
        uid=uid,
        name=aws.place.account,
        everywhere=True,
        tags=EMPTY,
        properties=stated or dict.fromkeys(names, False),
    )


def _server_certificate(aws: Reader, item: Mapping[str, Any]) -> Resource:
    return aws.resource(
        SERVER_CERTIFICATE,
        uid=item["Arn"],
        name=item["ServerCertificateName"],
        everywhere=True,
        created_at=item.get("UploadDate"),
        tags=EMPTY,
        properties=pick(item, "ServerCertificateName", "Path", "Expiration"),
    )


@collector(
    yields=(REGION,),
    calls=(
        "config:DescribeConfigurationRecorders",
        "config:DescribeConfigurationRecorderStatus",
        "securityhub:DescribeHub",
        "ec2:GetEbsEncryptionByDefault",
    ),
)
def region_settings(aws: Reader) -> Iterator[Resource]:
    """Region: AWS Config's recorders, Security Hub, encryption of new EBS volumes."""
    uid = f"arn:{aws.place.partition}:account:{aws.place.region}:{aws.place.account}:region"
    hub = aws.ask(
        "securityhub:DescribeHub", uid=uid, of=REGION,
        absent=("InvalidAccessException", "ResourceNotFoundException"),
    )  # fmt: skip
    volumes = aws.ask("ec2:GetEbsEncryptionByDefault", uid=uid, of=REGION)
    properties = {
        "ConfigRecorders": _recorders(aws, uid),
        "SecurityHub": hub.value(bool) if hub.unread else bool(hub.body),
        "EbsEncryptionByDefault": volumes.value(
            lambda body: bool(body.get("EbsEncryptionByDefault"))
        ),
    }
    if not all(map(is_unknown, properties.values())):  # of a Region that answers nothing, gaps tell
        yield aws.resource(
            REGION, uid=uid, name=aws.place.region, tags=EMPTY, properties=properties
        )


def _recorders(aws: Reader, uid: str) -> Any:
    """Return the recorders with whether each records; an empty list where there is none."""
    recorders = aws.ask("config:DescribeConfigurationRecorders", uid=uid, of=REGION)
    states = aws.ask("config:DescribeConfigurationRecorderStatus", uid=uid, of=REGION)
    if recorders.unread or states.unread:
        return (recorders if recorders.unread else states).value(list)
    recording = {
        each["name"]: bool(each.get("recording"))
        for each in (states.body or {}).get("ConfigurationRecordersStatus") or ()
    }
    return [
        {
            "Name": each["name"],
            "Recording": recording.get(each["name"], False),
            "AllSupported": bool((each.get("recordingGroup") or {}).get("allSupported")),
        }
        for each in (recorders.body or {}).get("ConfigurationRecorders") or ()
    ]
