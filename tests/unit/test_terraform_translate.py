"""Blocks come to the resources that CloudFormation would declare, parts put together again."""

from typing import Any

import pytest

from core.types import Resource, SourceSpan, is_unknown, unknown
from graph import relate
from templates.terraform.draft import Draft
from templates.terraform.join import Joins
from templates.terraform.model import Block
from templates.terraform.translate import Translation, translate
from templates.terraform.types import KINDS, PARTS

KEY = b"k"


def block(kind: str, label: str, /, **attributes: Any) -> Block:
    address = f"{kind}.{label}"
    span = SourceSpan("main.tf", 1, 1, address)
    return Block("managed", kind, label, address, attributes, span)


def data(kind: str, label: str, /, **attributes: Any) -> Block:
    address = f"data.{kind}.{label}"
    span = SourceSpan("main.tf", 1, 1, address)
    return Block("data", kind, label, address, attributes, span)


def translated(*blocks: Block) -> Translation:
    return translate(blocks, repository="acme/shop", secret_key=KEY, module="infra")


def only(*blocks: Block, kind: str = "") -> Resource:
    found = [r for r in translated(*blocks).resources if not kind or r.type == kind]
    assert len(found) == 1, found
    return found[0]


def test_a_resource_has_cloudformations_names_and_terraforms_address() -> None:
    queue = only(
        block(
            "aws_sqs_queue",
            "jobs",
            name="jobs",
            kms_master_key_id="alias/jobs",
            redrive_policy='{"deadLetterTargetArn": "${aws_sqs_queue.dead.arn}"}',
            tags={"team": "shop"},
        )
    )

    assert queue.type == "AWS::SQS::Queue"
    assert queue.uid == "acme/shop//infra//aws_sqs_queue.jobs"
    assert queue.name == "jobs"
    assert queue.tags == {"team": "shop"}
    assert queue.properties == {
        "QueueName": "jobs",
        "KmsMasterKeyId": "alias/jobs",
        "RedrivePolicy": {"deadLetterTargetArn": "${aws_sqs_queue.dead.arn}"},
        "Tags": [{"Key": "team", "Value": "shop"}],
    }
    assert queue.source is not None
    assert queue.source.address == "aws_sqs_queue.jobs"
    assert {"${aws_sqs_queue.jobs.arn}", "jobs"} <= set(queue.aliases)


def test_a_buckets_parts_are_put_together_and_remember_their_place() -> None:
    bucket = only(
        block("aws_s3_bucket", "b", bucket="logs-of-shop"),
        block(
            "aws_s3_bucket_versioning",
            "v",
            bucket="${aws_s3_bucket.b.id}",
            versioning_configuration=[{"status": "Enabled"}],
        ),
        block(
            "aws_s3_bucket_public_access_block", "p", bucket="logs-of-shop", block_public_acls=True
        ),
        block(
            "aws_s3_bucket_acl", "acl", bucket="${aws_s3_bucket_versioning.v.id}", acl="public-read"
        ),
    )

    assert bucket.properties == {
        "BucketName": "logs-of-shop",
        "VersioningConfiguration": {"Status": "Enabled"},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": False,
            "IgnorePublicAcls": False,
            "RestrictPublicBuckets": False,
        },
        "AccessControl": "PublicRead",
    }
    assert bucket.places["AccessControl"].address == "aws_s3_bucket_acl.acl"


def test_parts_of_a_bucket_that_is_not_declared_are_one_bucket_known_in_part() -> None:
    bucket, policy = translated(
        block("aws_s3_bucket_acl", "acl", bucket="${aws_s3_bucket.there.id}", acl="public-read"),
        block("aws_s3_bucket_public_access_block", "p", bucket="${aws_s3_bucket.there.id}"),
        block("aws_s3_bucket_policy", "p", bucket="${aws_s3_bucket.there.id}", policy="{}"),
    ).resources[::-1]

    assert bucket.partial
    assert bucket.uid.endswith("//aws_s3_bucket_acl.acl")
    assert bucket.properties["AccessControl"] == "PublicRead"
    assert bucket.properties["PublicAccessBlockConfiguration"]["IgnorePublicAcls"] is False
    assert is_unknown(bucket.properties["BucketEncryption"])
    assert "AccessControlGrants" not in bucket.properties
    assert "AWS::S3::BucketPolicy" in bucket.unreadable
    assert relate([bucket, policy]).of(bucket)["AWS::S3::BucketPolicy"] == (policy,)


def test_a_declared_resource_is_not_partial() -> None:
    assert not only(block("aws_s3_bucket", "b", bucket="b")).partial


def test_a_part_that_may_be_anyones_leaves_everyone_in_doubt() -> None:
    found = translated(
        block("aws_s3_bucket", "a", bucket="a"),
        block("aws_s3_bucket", "b", bucket="b", acl="private"),
        block(
            "aws_s3_bucket_versioning",
            "v",
            bucket=unknown("var.bucket has no default"),
            versioning_configuration=[{"status": "Enabled"}],
        ),
        block(
            "aws_s3_bucket_policy", "p", bucket=unknown("var.bucket has no default"), policy="{}"
        ),
    ).resources
    first, second = (r for r in found if r.uid.endswith((".a", ".b")))

    assert is_unknown(first.properties["VersioningConfiguration"])
    assert is_unknown(second.properties["VersioningConfiguration"])
    assert "AccessControl" not in first.properties
    assert first.unreadable == {"AWS::S3::BucketPolicy": "aws_s3_bucket_policy.p may belong to it"}


def test_a_part_of_another_bucket_leaves_this_one_as_it_is() -> None:
    found = translated(
        block("aws_s3_bucket", "a", bucket="a"),
        block("aws_s3_bucket", "b", bucket="b"),
        block("aws_s3_bucket_acl", "acl", bucket="${aws_s3_bucket.b.id}", acl="public-read"),
    ).resources

    assert {r.name: r.properties.get("AccessControl") for r in found} == {
        "a": None,
        "b": "PublicRead",
    }


def test_instances_are_told_apart_by_their_index() -> None:
    def instance(kind: str, name: str, key: str, **attributes: Any) -> Block:
        address = f'{kind}.{name}["{key}"]'
        span = SourceSpan("main.tf", 1, 1, address)
        return Block("managed", kind, name, address, attributes, span)

    found = translated(
        instance("aws_s3_bucket", "b", "one"),
        instance("aws_s3_bucket", "b", "two"),
        instance(
            "aws_s3_bucket_acl", "acl", "two", bucket='${aws_s3_bucket.b["two"].id}', acl="private"
        ),
    ).resources

    assert [r.properties for r in found] == [{}, {"AccessControl": "Private"}]


def test_grants_to_everyone_are_the_canned_acl_they_come_to() -> None:
    def granted(uri: str, permission: str) -> Any:
        grant = {"grantee": [{"type": "Group", "uri": uri}], "permission": permission}
        acl = block(
            "aws_s3_bucket_acl", "a", bucket="b", access_control_policy=[{"grant": [grant]}]
        )
        return only(acl).properties["AccessControl"]

    groups = "http://acs.amazonaws.com/groups"
    assert granted(f"{groups}/global/AllUsers", "READ") == "PublicRead"
    assert granted(f"{groups}/global/AllUsers", "WRITE") == "PublicReadWrite"
    assert granted(f"{groups}/global/AuthenticatedUsers", "READ") == "AuthenticatedRead"
    assert granted(f"{groups}/s3/LogDelivery", "WRITE") == "Private"


def test_attachments_come_to_the_roles_policies_and_roles_find_them() -> None:
    found = translated(
        block(
            "aws_iam_role",
            "r",
            name="worker",
            assume_role_policy={"Statement": {"Effect": "Allow"}},
        ),
        block("aws_iam_policy", "p", name="own", policy={"Statement": []}),
        block(
            "aws_iam_role_policy_attachment",
            "a",
            role="${aws_iam_role.r.name}",
            policy_arn="${aws_iam_policy.p.arn}",
        ),
        block(
            "aws_iam_policy_attachment",
            "b",
            roles=["worker"],
            policy_arn="arn:aws:iam::aws:policy/AdministratorAccess",
        ),
        block("aws_iam_role_policy", "i", role="${aws_iam_role.r.id}", policy='{"Statement": []}'),
        block("aws_lambda_function", "f", role="${aws_iam_role.r.arn}"),
    ).resources
    role, policy, inline, function = found

    assert role.properties["AssumeRolePolicyDocument"] == {"Statement": [{"Effect": "Allow"}]}
    assert role.properties["ManagedPolicyArns"] == [
        "${aws_iam_policy.p.arn}",
        "arn:aws:iam::aws:policy/AdministratorAccess",
    ]
    assert role.places["ManagedPolicyArns.1"].address == "aws_iam_policy_attachment.b"
    related = relate(found).of(function)
    assert related["AWS::IAM::Role"] == (role,)
    assert related["AWS::IAM::ManagedPolicy"] == (policy,)
    assert related["AWS::IAM::Policy"] == (inline,)


def test_a_policy_in_a_queue_is_a_resource_of_its_own_that_belongs_to_it() -> None:
    found = translated(
        block("aws_sqs_queue", "q", policy='{"Statement": {"Effect": "Deny"}}')
    ).resources
    queue, policy = found

    assert policy.type == "AWS::SQS::QueuePolicy"
    assert policy.properties["PolicyDocument"] == {"Statement": [{"Effect": "Deny"}]}
    assert policy.source is not None
    assert policy.source.address == "aws_sqs_queue.q"
    assert relate(found).of(queue)["AWS::SQS::QueuePolicy"] == (policy,)


def test_values_of_an_environment_are_fingerprints() -> None:
    function = only(
        block(
            "aws_lambda_function",
            "f",
            environment=[{"variables": {"DB_PASSWORD": "correct horse", "LEVEL": "info"}}],
        )
    )

    variables = function.properties["Environment"]["Variables"]
    assert variables["DB_PASSWORD"].startswith("secret:named_secret:")
    assert variables["LEVEL"].startswith("secret:plain:")


@pytest.mark.parametrize(
    ("kind", "attribute", "path"),
    [
        ("aws_db_instance", "password", "MasterUserPassword"),
        ("aws_elasticache_replication_group", "auth_token", "AuthToken"),
        ("aws_datasync_location_object_storage", "secret_key", "SecretKey"),
        ("aws_ssm_parameter", "value", "Value"),
    ],
)
def test_what_is_made_for_secrets_is_a_fingerprint(kind: str, attribute: str, path: str) -> None:
    resource = only(block(kind, "x", **{attribute: "correct horse"}))

    assert resource.properties[path].startswith("secret:")


def test_variables_of_a_build_are_fingerprints() -> None:
    variable = {"name": "TOKEN", "value": "correct horse"}
    project = only(
        block("aws_codebuild_project", "p", environment=[{"environment_variable": [variable]}])
    )

    (veiled,) = project.properties["Environment"]["EnvironmentVariables"]
    assert veiled["Value"].startswith("secret:named_secret:")


def test_a_secrets_value_is_a_fingerprint() -> None:
    secret = only(
        block("aws_secretsmanager_secret", "s", name="db"),
        block(
            "aws_secretsmanager_secret_version",
            "v",
            secret_id="${aws_secretsmanager_secret.s.id}",
            secret_string="correct horse",
        ),
    )

    assert secret.properties["SecretString"].startswith("secret:")


def test_containers_environments_are_fingerprints() -> None:
    task = only(
        block(
            "aws_ecs_task_definition",
            "t",
            family="web",
            container_definitions='[{"name": "web", "environment": [{"name": "API_TOKEN", "value": "hunter2!"}],'
            ' "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "web"}}}]',
        )
    )

    (container,) = task.properties["ContainerDefinitions"]
    assert container["Environment"][0]["Value"].startswith("secret:named_secret:")
    assert container["LogConfiguration"]["Options"] == {"awslogs-group": "web"}


def test_what_is_unknown_stays_unknown_in_its_place() -> None:
    missing = unknown("var.mode has no default")
    function = only(
        block(
            "aws_lambda_function",
            "f",
            tracing_config=[{"mode": missing}],
            vpc_config=missing,
            dead_letter_config=[missing],
            runtime=missing,
            reserved_concurrent_executions=-1,
        )
    )

    assert function.properties == {
        "TracingConfig": {"Mode": missing},
        "VpcConfig": missing,
        "DeadLetterConfig": missing,
        "Runtime": missing,
    }


def test_method_settings_come_to_their_stage() -> None:
    stage = only(
        block(
            "aws_api_gateway_stage",
            "s",
            stage_name="prod",
            rest_api_id="${aws_api_gateway_rest_api.a.id}",
        ),
        block(
            "aws_api_gateway_method_settings",
            "m",
            stage_name="prod",
            rest_api_id="${aws_api_gateway_rest_api.a.id}",
            method_path="*/*",
            settings=[{"caching_enabled": True, "cache_data_encrypted": False}],
        ),
    )

    assert stage.properties["MethodSettings"] == [
        {
            "ResourcePath": "/*",
            "HttpMethod": "*",
            "CachingEnabled": True,
            "CacheDataEncrypted": False,
        }
    ]


def test_a_document_by_itself_is_judged_where_it_is_written() -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    own, foreign = translated(
        data("aws_iam_policy_document", "own", json={"Statement": [statement]}),
        data(
            "aws_iam_policy_document",
            "trust",
            json={"Statement": [{**statement, "Principal": "*"}]},
        ),
    ).resources

    assert (own.type, own.uid) == (
        "AWS::IAM::ManagedPolicy",
        "acme/shop//infra//data.aws_iam_policy_document.own",
    )
    assert foreign.type == "AWS::IAM::PolicyDocument"


def test_rules_of_a_group_are_written_out_by_what_they_admit() -> None:
    group = only(
        block(
            "aws_security_group",
            "g",
            ingress=[
                {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"]}
            ],
        ),
        block(
            "aws_security_group_rule",
            "r",
            type="ingress",
            security_group_id="${aws_security_group.g.id}",
            protocol="-1",
            from_port=0,
            to_port=0,
            cidr_blocks=["0.0.0.0/0"],
            ipv6_cidr_blocks=["::/0"],
        ),
    )

    assert [r.get("CidrIp") or r["CidrIpv6"] for r in group.properties["SecurityGroupIngress"]] == [
        "10.0.0.0/8",
        "0.0.0.0/0",
        "::/0",
    ]
    assert "SecurityGroupEgress" not in group.properties


def test_the_callers_account_and_region_are_said_as_cloudformation_says_them() -> None:
    here = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"
    role = block(
        "aws_iam_role", "r", assume_role_policy={"Statement": [{"Principal": {"AWS": here}}]}
    )

    (principal,) = only(role).properties["AssumeRolePolicyDocument"]["Statement"]
    assert principal == {"Principal": {"AWS": "arn:aws:iam::${AWS::AccountId}:root"}}


def test_types_that_are_not_read_are_counted() -> None:
    found = translated(
        block("aws_route_table", "a"),
        block("aws_route_table", "b"),
        block("google_storage_bucket", "c"),
        block("random_string", "d"),
        block("aws_sns_topic", "t"),
    )

    assert found.notes == ("not read: 2 aws_route_table, 1 google_storage_bucket",)


def test_tags_of_the_provider_are_tags_of_the_resource() -> None:
    topic = only(block("aws_sns_topic", "t", tags={"a": "1"}, tags_all={"a": "1", "team": "shop"}))

    assert topic.tags == {"a": "1", "team": "shop"}
    assert {"Key": "team", "Value": "shop"} in topic.properties["Tags"]


def test_a_rule_of_a_group_declared_elsewhere_says_nothing_of_the_other_direction() -> None:
    group = only(
        block(
            "aws_security_group_rule",
            "r",
            type="ingress",
            security_group_id="sg-1",
            protocol="tcp",
            from_port=22,
            to_port=22,
            cidr_blocks=["0.0.0.0/0"],
        )
    )

    assert group.properties["SecurityGroupIngress"][0]["CidrIp"] == "0.0.0.0/0"
    assert is_unknown(group.properties["SecurityGroupEgress"])


def test_a_part_of_an_instance_that_is_not_known_leaves_all_instances_in_doubt() -> None:
    def instance(index: int) -> Block:
        address = f"aws_s3_bucket.b[{index}]"
        return Block(
            "managed", "aws_s3_bucket", "b", address, {}, SourceSpan("main.tf", 1, 1, address)
        )

    found = translated(
        instance(0),
        instance(1),
        block("aws_s3_bucket_acl", "acl", bucket="${aws_s3_bucket.b.id}", acl="public-read"),
    ).resources

    assert [is_unknown(r.properties["AccessControl"]) for r in found] == [True, True, False]


def test_a_part_is_compared_with_the_few_that_it_may_mean() -> None:
    drafts = [
        Draft(b.address, KINDS["aws_s3_bucket"][0], b, {})
        for b in (block("aws_s3_bucket", f"b{n}", bucket=f"name-{n}") for n in range(100))
    ]
    (part,) = PARTS["aws_s3_bucket_acl"]
    joins = Joins(drafts, [])

    def compared(bucket: Any) -> int:
        return len(joins._likely(part, {"bucket": bucket}, "AWS::S3::Bucket"))

    assert compared("${aws_s3_bucket.b7.id}") == 1
    assert compared("name-7") == 1
    assert compared(["name-7", "${aws_s3_bucket.b8.id}"]) == 2
    assert compared("of another module") == 0
    assert compared(unknown("var.bucket has no default")) == 100
