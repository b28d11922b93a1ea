"""A tree of Terraform files becomes the blocks of its root modules."""

from typing import Any

import pytest

from core.types import is_unknown
from templates.terraform.configuration import root_modules
from templates.terraform.model import Block
from templates.terraform.read import Module, read_module


def read(directory: str = "", **files: str) -> Module:
    tree = {name.replace("__", "/") + ".tf": text.encode() for name, text in files.items()}
    return read_module(tree, directory=directory, secret_key=b"k")


def blocks(source: str) -> dict[str, Block]:
    return {b.address: b for b in read(main=source).blocks}


def test_count_and_for_each_make_instances_with_their_own_names() -> None:
    found = blocks(
        """
        resource "aws_sqs_queue" "q" {
          count = 2
          name  = "q-${count.index}"
        }
        resource "aws_sqs_queue" "none" { count = 0 }
        resource "aws_sqs_queue" "f" {
          for_each = { a = 10, b = 20 }
          name     = "${each.key}-${each.value}"
        }
        resource "aws_sqs_queue" "s" {
          for_each = toset(["x"])
          name     = each.value
        }
        """
    )

    assert {address: b.attributes["name"] for address, b in found.items()} == {
        "aws_sqs_queue.q[0]": "q-0",
        "aws_sqs_queue.q[1]": "q-1",
        'aws_sqs_queue.f["a"]': "a-10",
        'aws_sqs_queue.f["b"]': "b-20",
        'aws_sqs_queue.s["x"]': "x",
    }


def test_an_unknown_number_of_instances_is_one_that_may_not_exist() -> None:
    module = read(
        main="""
        variable "on" {}
        resource "aws_sqs_queue" "q" {
          count = var.on ? 1 : 0
          name  = "q"
        }
        resource "aws_sqs_queue_policy" "p" {
          queue_url = aws_sqs_queue.q[0].url
          all       = aws_sqs_queue.q[*].arn
        }
        """
    )

    assert [b.address for b in module.blocks] == ["aws_sqs_queue.q", "aws_sqs_queue_policy.p"]
    assert "variable on has no default" in module.conditional["aws_sqs_queue.q"]
    policy = module.blocks[1].attributes
    assert policy["queue_url"] == "${aws_sqs_queue.q.url}"
    assert policy["all"] == ["${aws_sqs_queue.q.arn}"]


def test_a_million_instances_are_one_of_unknown_number() -> None:
    module = read(main='resource "aws_sqs_queue" "q" { count = 1000000 }')

    assert [b.address for b in module.blocks] == ["aws_sqs_queue.q"]
    assert "1,000" in module.conditional["aws_sqs_queue.q"]


def test_dynamic_blocks_stand_in_order_among_written_ones() -> None:
    found = blocks(
        """
        variable "later" {}
        resource "aws_security_group" "g" {
          ingress { from_port = 1 }
          dynamic "ingress" {
            for_each = { a = 2, b = 3 }
            iterator = rule
            content {
              from_port   = rule.value
              description = rule.key
            }
          }
          dynamic "egress" {
            for_each = []
            content { from_port = 0 }
          }
          dynamic "timeouts" {
            for_each = var.later
            content { create = timeouts.value }
          }
        }
        """
    )["aws_security_group.g"]

    assert found.attributes["ingress"] == [
        {"from_port": 1},
        {"from_port": 2, "description": "a"},
        {"from_port": 3, "description": "b"},
    ]
    assert "egress" not in found.attributes
    assert is_unknown(found.attributes["timeouts"])


def test_spans_name_the_bytes_of_attributes_and_nested_blocks() -> None:
    source = 'resource "a_b" "c" {\n  d = 1\n  e {\n    f = [2]\n  }\n}\n'
    block = blocks(source)["a_b.c"]

    written = {path: source[span.start_byte : span.end_byte] for path, span in block.spans.items()}
    assert written == {"d": "d = 1", "e.0": "e {\n    f = [2]\n  }", "e.0.f": "f = [2]"}
    assert (block.span.start_line, block.span.end_line, block.span.file) == (1, 6, "main.tf")
    assert block.spans["e.0.f"].start_line == 4


def test_a_configured_attribute_is_its_value_and_a_cycle_ends() -> None:
    found = blocks(
        """
        locals {
          a = local.b
          b = local.a
        }
        resource "aws_s3_bucket" "b" {
          bucket = "x"
          loop   = aws_s3_bucket.b.loop
        }
        resource "aws_s3_object" "o" {
          bucket = aws_s3_bucket.b.bucket
          id     = aws_s3_bucket.b.id
          local  = local.a
        }
        """
    )

    assert found["aws_s3_object.o"].attributes["bucket"] == "x"
    assert found["aws_s3_object.o"].attributes["id"] == "${aws_s3_bucket.b.id}"
    assert is_unknown(found["aws_s3_object.o"].attributes["local"])
    assert found["aws_s3_bucket.b"].attributes["loop"] == "${aws_s3_bucket.b.loop}"


def test_variables_take_files_and_types() -> None:
    tree = {
        "main.tf": b"""
        variable "a" {
          type    = number
          default = "1"
        }
        variable "b" { default = "default" }
        variable "c" { default = "default" }
        variable "o" {
          type = object({ x = string, y = optional(bool, true), z = optional(string) })
          default = { x = 5 }
        }
        resource "t_t" "t" {
          a = var.a
          b = var.b
          c = var.c
          o = var.o
        }
        """,
        "terraform.tfvars": b'b = "plain"\nc = "plain"\n',
        "x.auto.tfvars": b'c = "auto"\n',
        "other.tfvars": b'c = "not read"\n',
    }

    found = read_module(tree, secret_key=b"k").blocks[0].attributes
    assert found == {
        "a": 1,
        "b": "plain",
        "c": "auto",
        "o": {"x": "5", "y": True, "z": None},
    }
    given = read_module(tree, variables={"c": "given"}, secret_key=b"k").blocks[0]
    assert given.attributes["c"] == "given"


def test_modules_are_evaluated_with_their_arguments_and_give_outputs() -> None:
    module = read(
        main="""
        module "one" {
          source = "./modules/queue"
          name   = "one"
        }
        module "many" {
          source   = "./modules/queue"
          for_each = toset(["a", "b"])
          name     = each.key
        }
        resource "t_t" "t" {
          arn  = module.one.arn
          name = module.many["a"].name
          all  = [for m in module.many : m.name]
          gone = module.one.none
        }
        """,
        modules__queue__main="""
        variable "name" {}
        resource "aws_sqs_queue" "q" { name = "q-${var.name}" }
        output "arn" { value = aws_sqs_queue.q.arn }
        output "name" { value = aws_sqs_queue.q.name }
        """,
    )

    found = {b.address: b.attributes for b in module.blocks}
    assert found["module.one.aws_sqs_queue.q"] == {"name": "q-one"}
    assert found['module.many["b"].aws_sqs_queue.q'] == {"name": "q-b"}
    assert found["t_t.t"]["arn"] == "${module.one.aws_sqs_queue.q.arn}"
    assert found["t_t.t"]["name"] == "q-a"
    assert found["t_t.t"]["all"] == ["q-a", "q-b"]
    assert is_unknown(found["t_t.t"]["gone"])
    assert module.blocks[1].span.file == "modules/queue/main.tf"


@pytest.mark.parametrize("source", ["terraform-aws-modules/vpc/aws", "../../elsewhere", "./none"])
def test_a_module_from_outside_gives_unknown_and_a_note(source: str) -> None:
    module = read(
        main=f'module "m" {{ source = "{source}" }}\nresource "t_t" "t" {{ a = module.m.id }}'
    )

    assert is_unknown(module.blocks[0].attributes["a"])
    assert any("module.m" in note for note in module.notes)


def test_a_module_that_calls_itself_is_noted() -> None:
    module = read(main='module "m" { source = "./" }\nresource "t_t" "t" {}')

    assert [b.address for b in module.blocks] == ["t_t.t"]
    assert module.notes == ("module.m calls a module that it is part of",)


def test_roots_are_the_directories_that_nobody_calls() -> None:
    tree = {
        "envs/prod/main.tf": b'module "a" { source = "../../modules/a" }',
        "modules/a/main.tf": b'module "b" { source = "../b" }',
        "modules/b/main.tf": b"",
        "alone/main.tf": b"locals {}",
        "broken/main.tf": b"x = {",
        "ring/x/main.tf": b'module "y" { source = "../y" }',
        "ring/y/main.tf": b'module "x" { source = "../x" }',
        "docs/readme.md": b"",
    }

    assert root_modules(tree) == ("alone", "broken", "envs/prod", "ring/x")


def test_a_policy_document_is_what_it_renders() -> None:
    found = blocks(
        """
        variable "vpc" {}
        data "aws_iam_policy_document" "base" {
          statement {
            sid     = "Base"
            actions = ["s3:GetObject"]
          }
          statement {
            sid     = "Replaced"
            actions = ["s3:*"]
          }
        }
        data "aws_iam_policy_document" "d" {
          source_policy_documents   = [data.aws_iam_policy_document.base.json]
          override_policy_documents = [jsonencode({ Statement = [{ Sid = "Last", Effect = "Deny" }] })]
          statement {
            sid       = "Replaced"
            effect    = "Deny"
            actions   = ["sqs:SendMessage", "sqs:Receive*"]
            resources = [aws_sqs_queue.q.arn]
            principals {
              type        = "Service"
              identifiers = ["a.amazonaws.com", "b.amazonaws.com"]
            }
            principals {
              type        = "AWS"
              identifiers = ["*"]
            }
            condition {
              test     = "StringEquals"
              variable = "aws:SourceVpc"
              values   = [var.vpc]
            }
            condition {
              test     = "StringEquals"
              variable = "aws:PrincipalOrgID"
              values   = ["o-1"]
            }
          }
        }
        data "aws_iam_policy_document" "open" {
          statement {
            not_actions = ["iam:*"]
            principals {
              type        = "*"
              identifiers = ["*"]
            }
          }
        }
        resource "aws_sqs_queue" "q" { policy = data.aws_iam_policy_document.d.json }
        resource "aws_sqs_queue" "text" { name = "x-${data.aws_iam_policy_document.d.json}" }
        resource "aws_sqs_queue" "open" { policy = data.aws_iam_policy_document.open.json }
        """
    )

    policy = found["aws_sqs_queue.q"].attributes["policy"]
    assert found["data.aws_iam_policy_document.d"].attributes["json"] == policy
    assert policy["Version"] == "2012-10-17"
    assert [s["Sid"] for s in policy["Statement"]] == ["Base", "Replaced", "Last"]
    own = policy["Statement"][1]
    assert own["Effect"] == "Deny"
    assert own["Action"] == ["sqs:SendMessage", "sqs:Receive*"]
    assert own["Resource"] == "${aws_sqs_queue.q.arn}"
    assert own["Principal"] == {"Service": ["a.amazonaws.com", "b.amazonaws.com"], "AWS": "*"}
    assert own["Condition"]["StringEquals"]["aws:PrincipalOrgID"] == "o-1"
    assert is_unknown(own["Condition"]["StringEquals"]["aws:SourceVpc"])
    assert is_unknown(found["aws_sqs_queue.text"].attributes["name"])
    assert found["aws_sqs_queue.open"].attributes["policy"]["Statement"] == [
        {"Effect": "Allow", "Principal": "*", "NotAction": "iam:*"}
    ]


def test_documents_written_as_text_are_parsed_around_their_holes() -> None:
    found = blocks(
        """
        variable "service" {}
        resource "aws_iam_role" "r" {
          assume_role_policy = <<-EOT
            {"Statement": [{"Principal": {"Service": "${var.service}"},
                            "Resource": "${aws_s3_bucket.b.arn}/*",
                            "Condition": {"Equals": {"${aws_x.y.url}:sub": 1}}}]}
          EOT
          other  = jsonencode({ a = 1 })
          policy = "not json"
          inline_policy { policy = jsonencode({ a = [var.service] }) }
        }
        """
    )["aws_iam_role.r"].attributes

    statement = found["assume_role_policy"]["Statement"][0]
    assert is_unknown(statement["Principal"]["Service"])
    assert statement["Resource"] == "${aws_s3_bucket.b.arn}/*"
    assert statement["Condition"]["Equals"] == {"${aws_x.y.url}:sub": 1}
    assert found["other"] == '{"a":1}'
    assert found["policy"] == "not json"
    assert is_unknown(found["inline_policy"][0]["policy"]["a"][0])


def test_environment_values_stay_text_so_that_they_can_be_veiled() -> None:
    found = blocks(
        """
        resource "aws_lambda_function" "f" {
          environment {
            variables = { policy = jsonencode({ password = "made-up" }) }
          }
        }
        """
    )["aws_lambda_function.f"].attributes

    assert found["environment"] == [{"variables": {"policy": '{"password":"made-up"}'}}]


def test_what_the_author_calls_sensitive_leaves_as_a_fingerprint() -> None:
    module = read(
        main="""
        variable "pw" {
          default   = "made-up-secret"
          sensitive = true
        }
        resource "t_t" "t" {
          a = "x-${var.pw}"
          b = sensitive({ c = "made-up-secret" })
          d = jsonencode({ e = var.pw })
        }
        """
    )

    assert "made-up-secret" not in repr(module)
    assert module.blocks[0].attributes["b"]["c"].startswith("secret:")


def test_default_tags_of_the_right_provider_reach_resources() -> None:
    module = read(
        main="""
        provider "aws" {
          region = "eu-west-1"
          default_tags { tags = { team = "a", env = "prod" } }
        }
        provider "aws" {
          alias = "west"
          default_tags { tags = { team = "west" } }
        }
        resource "aws_s3_bucket" "b" { tags = { env = "dev" } }
        resource "aws_s3_bucket" "w" { provider = aws.west }
        module "m" {
          source    = "./m"
          providers = { aws = aws.west }
        }
        data "aws_region" "here" {}
        """,
        m__main='resource "aws_s3_bucket" "m" {}',
    )

    found: dict[str, Any] = {b.address: b.attributes for b in module.blocks}
    assert found["aws_s3_bucket.b"]["tags_all"] == {"team": "a", "env": "dev"}
    assert found["aws_s3_bucket.w"] == {"tags_all": {"team": "west"}, "provider": "aws.west"}
    assert found["module.m.aws_s3_bucket.m"]["tags_all"] == {"team": "west"}
    assert found["data.aws_region.here"] == {}
    assert module.providers["aws"]["region"] == "eu-west-1"


def test_a_provider_may_come_from_a_module_that_uses_it() -> None:
    module = read(
        main="""
        provider "aws" {
          region = module.m.region
          default_tags { tags = { from = module.m.region } }
        }
        module "m" { source = "./m" }
        """,
        m__main='output "region" { value = "eu-west-1" }\nresource "aws_s3_bucket" "b" {}',
    )

    assert module.providers["aws"]["region"] == "eu-west-1"
    assert module.blocks[0].attributes["tags_all"] == {"from": "eu-west-1"}


def test_names_may_be_indexed() -> None:
    found = blocks(
        """
        locals { a = 1 }
        resource "t_t" "t" { x = [local["a"], t_t["u"]["id"], var["none"]] }
        resource "t_t" "u" {}
        """
    )["t_t.t"].attributes["x"]

    assert found[:2] == [1, "${t_t.u.id}"]


def test_override_files_replace_attributes_and_block_types() -> None:
    found = read(
        main='resource "t_t" "t" {\n  a = 1\n  b = 1\n  c { d = 1 }\n}',
        override='resource "t_t" "t" {\n  b = 2\n  c { d = 2 }\n}',
    ).blocks[0]

    assert found.attributes == {"a": 1, "b": 2, "c": [{"d": 2}]}


def test_the_json_notation_is_evaluated_too() -> None:
    content = b"""{"locals": {"a": "x"}, "resource": {"aws_s3_bucket": {"b": {
        "bucket": "${local.a}-y", "versioning": {"enabled": true}, "tags": {"t": "${local.a}"}}}}}"""
    found = read_module({"main.tf.json": content}, secret_key=b"k").blocks[0].attributes

    assert found["bucket"] == "x-y"
    assert found["versioning"] == [{"enabled": True}]
    assert found["tags"] == {"t": "x"}
