"""Every completion of moto is needed, and does what AWS does."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from core.errors import CloudError
from sandbox.aws import ACCOUNT, Aws

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with Aws() as started:
        iam = started.client("iam")
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        started.client("lambda").create_function(
            FunctionName="f",
            Role=role,
            Runtime="python3.13",
            Handler="a.b",
            Code={"ZipFile": b"PK\x05\x06" + b"\0" * 18},
            DeadLetterConfig={"TargetArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:dead"},
            Layers=["arn:aws:lambda:eu-west-1:017000801446:layer:Tools:1"],
        )
        yield started


def test_a_function_keeps_what_moto_drops(aws: Aws) -> None:
    client = aws.client("lambda")

    client.update_function_configuration(FunctionName="f", TracingConfig={"Mode": "Active"})

    found = client.list_functions()["Functions"][0]
    assert found["TracingConfig"] == {"Mode": "Active"}
    assert found["DeadLetterConfig"]["TargetArn"].endswith(":dead")
    assert found["Layers"][0]["Arn"].endswith("Tools:1")


def test_function_urls_can_be_listed(aws: Aws) -> None:
    client = aws.client("lambda")
    assert client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"] == []

    client.create_function_url_config(FunctionName="f", AuthType="NONE")

    (found,) = client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"]
    assert (found["AuthType"], found["InvokeMode"]) == ("NONE", "BUFFERED")


def test_a_url_permission_keeps_its_condition(aws: Aws) -> None:
    client = aws.client("lambda")

    client.add_permission(
        FunctionName="f",
        StatementId="public",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )

    (statement,) = json.loads(client.get_policy(FunctionName="f")["Policy"])["Statement"]
    assert statement["Condition"] == {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}


def test_a_bucket_takes_the_tags_of_its_stack(aws: Aws) -> None:
    client = aws.client("s3")
    client.create_bucket(
        Bucket="b-1", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    tags = [{"Key": "aws:cloudformation:stack-name", "Value": "app"}]

    client.put_bucket_tagging(Bucket="b-1", Tagging={"TagSet": tags})

    assert client.get_bucket_tagging(Bucket="b-1")["TagSet"] == tags


def test_a_policy_without_version_is_accepted_and_a_wrong_one_is_not(aws: Aws) -> None:
    client = aws.client("iam")
    policy: dict[str, Any] = {
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]
    }

    client.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(policy))

    with pytest.raises(ClientError, match="Syntax errors"):
        client.put_role_policy(
            RoleName="r", PolicyName="p", PolicyDocument=json.dumps(policy | {"Version": "1999"})
        )


def test_authorizers_of_http_apis_can_be_listed(aws: Aws) -> None:
    client = aws.client("apigatewayv2")
    api = client.create_api(Name="a", ProtocolType="HTTP")["ApiId"]

    client.create_authorizer(
        ApiId=api,
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["a"], "Issuer": "https://issuer.example"},
    )

    assert [a["Name"] for a in client.get_authorizers(ApiId=api)["Items"]] == ["jwt"]


def test_a_tables_encryption_can_be_changed(aws: Aws) -> None:
    client = aws.client("dynamodb")
    client.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )

    client.update_table(TableName="t", SSESpecification={"Enabled": True, "SSEType": "KMS"})

    found = client.describe_table(TableName="t")["Table"]["SSEDescription"]
    assert found["Status"] == "ENABLED"
    assert ":key/" in found["KMSMasterKeyArn"]


def test_a_log_groups_key_can_be_set_and_taken_away(aws: Aws) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="keyed")
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k"

    def held() -> str | None:
        groups = logs.describe_log_groups(logGroupNamePrefix="keyed")["logGroups"]
        found: str | None = groups[0].get("kmsKeyId")
        return found

    logs.associate_kms_key(logGroupName="keyed", kmsKeyId=key)
    assert held() == key
    logs.disassociate_kms_key(logGroupName="keyed")
    assert held() is None
    with pytest.raises(ClientError, match="ResourceNotFound"):
        logs.associate_kms_key(logGroupName="absent", kmsKeyId=key)


def test_managed_policies_are_there(aws: Aws) -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"

    assert aws.client("iam").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_stopping_ends_the_process_and_twice_is_fine() -> None:
    other = Aws()
    process = other._process

    other.stop()
    other.stop()

    assert process.poll() is not None


def test_the_server_does_not_outlive_a_killed_parent() -> None:
    script = (
        "import os, signal; from sandbox.aws import Aws; a = Aws(); "
        "print(a._process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    pid = int(done.stdout.strip())

    assert _is_gone(pid)


def _is_gone(pid: int) -> bool:
    import os
    import time

    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_server_that_cannot_start_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(CloudError, match="Install it with"):
        Aws()
