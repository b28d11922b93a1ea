"""What a team sets for a whole account on its first day, so that scans speak of the estate."""

from sandbox.aws.server import ACCOUNT, Aws

_RECORDER = "default"


def settle(aws: Aws) -> None:
    """Set the account's password policy, security contact, recorder, hub and encryption."""
    aws.client("iam").update_account_password_policy(
        MinimumPasswordLength=14,
        PasswordReusePrevention=24,
        MaxPasswordAge=90,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
    )
    aws.client("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        EmailAddress="security@example.com",
        Name="Security",
        PhoneNumber="+10000000000",
        Title="On duty",
    )
    aws.client("ec2").enable_ebs_encryption_by_default()
    aws.client("securityhub").enable_security_hub()
    _record(aws)


def _record(aws: Aws) -> None:
    config = aws.client("config")
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": _RECORDER,
            "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config",
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
        }
    )
    config.put_delivery_channel(
        DeliveryChannel={"name": _RECORDER, "s3BucketName": "config-history"}
    )
    config.start_configuration_recorder(ConfigurationRecorderName=_RECORDER)
