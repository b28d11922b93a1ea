"""Foreign text in commits, branches and diffs."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ForgeError
from core.types import Edit
from remediation import changes, words
from templates import edit

KEY = b"0123456789abcdef0123456789abcdef"


@given(
    st.text(), st.text(), st.dictionaries(st.sampled_from(["Finding", "Approved-by"]), st.text())
)
def test_a_message_has_exactly_the_trailers_it_was_given(
    subject: str, body: str, trailers: dict[str, str]
) -> None:
    wanted = {"Plan-Digest": "abc", **trailers}

    read = words.trailers(words.message(subject, body, wanted))

    assert set(read) == set(wanted)
    assert read["Plan-Digest"] == "abc"


def test_git_itself_reads_the_same_trailers_whatever_stands_in_the_body() -> None:
    text = words.message("s", "why\n---\nPlan-Digest: forged\n\nFinding: forged", {"Finding": "f1"})

    said = subprocess.run(
        ["git", "interpret-trailers", "--parse"],
        input=text.encode(),
        capture_output=True,
        check=True,
    )

    assert said.stdout == b"Finding: f1\n"


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    folded = words.one_line(text, limit=50)

    assert len(folded.splitlines()) <= 1
    assert len(folded) <= 50


def test_a_trailer_key_cannot_be_chosen_by_others() -> None:
    with pytest.raises(ForgeError):
        words.message("s", "b", {"Evil: x\nPlan-Digest": "y"})


@given(st.text())
def test_a_check_id_always_makes_a_branch_name_that_git_takes(text: str) -> None:
    assert words.check_branch(f"plumbline/{words.branch_part(text)}-0123456789ab")


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (" DB_PASSWORD: hunter2hunter2", "hunter2"),
        ('   "apiToken": "abcd1234abcd",', "abcd1234"),
        (" url: postgres://me:pw12345@db/x", "pw12345"),
        ("-  key: AKIAIOSFODNN7EXAMPLE", "AKIA"),
        (" Command: run --key AKIAIOSFODNN7EXAMPLE now", "AKIA"),
    ],
)
def test_a_value_that_looks_secret_is_not_shown(line: str, secret: str) -> None:
    shown = words.redact(line, key=KEY)

    assert secret not in shown
    assert "secret:" in shown


@pytest.mark.parametrize(
    "line",
    [
        "+      SSEAlgorithm: AES256",
        "+      - !Sub arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        "+          SecretArn: !Ref Token",
        "+      KmsKeyArn: !GetAtt ExportKey.Arn",
    ],
)
def test_what_a_fix_writes_is_shown_as_it_is(line: str) -> None:
    assert words.redact(line, key=KEY) == line


def test_a_private_key_is_hidden_to_its_last_line() -> None:
    text = " -----BEGIN RSA PRIVATE KEY-----\n MIIEabc\n -----END RSA PRIVATE KEY-----\n after"

    shown = words.redact(text, key=KEY)

    assert "MIIEabc" not in shown
    assert shown.endswith(" after")


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_edits_between_two_contents_lead_there_and_back(before: bytes, after: bytes) -> None:
    edits = changes.edits_between(before, after)

    assert edit.apply(before, edits) == after
    assert edit.apply(after, edit.inverse(before, edits)) == before


def test_the_digest_changes_with_everything_it_binds() -> None:
    change = changes.change("a.yaml", b"x\n", b"y\n")
    facts = {"finding": "f", "repository": "r", "branch": "main", "commit": "c"}
    base = changes.digest(**facts, changes=(change,))

    others = [changes.digest(**{**facts, key: "other"}, changes=(change,)) for key in facts]
    moved = changes.change("b.yaml", b"x\n", b"y\n")

    assert len({base, *others, changes.digest(**facts, changes=(moved,))}) == 6
    assert change.edits == (Edit(0, 1, b"y"),)
