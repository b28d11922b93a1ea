"""Edits as values: applied, undone, carried over, shown."""

import re

import pytest

from core.errors import Declined
from core.types import Edit
from templates.edit import apply, diff, inverse, rebase

OLD = b"".join(b"line %d\n" % n for n in range(30))


def test_edits_apply_in_file_order_whatever_their_own() -> None:
    assert apply(b"abcdef", [Edit(4, 5, b"X"), Edit(0, 1, b"YY")]) == b"YYbcdXf"


def test_two_insertions_at_one_place_keep_their_order() -> None:
    assert apply(b"ab", [Edit(1, 1, b"1"), Edit(1, 1, b"2")]) == b"a12b"


@pytest.mark.parametrize(
    "edits", [[Edit(0, 3, b""), Edit(2, 4, b"")], [Edit(0, 9, b"")], [Edit(3, 2, b"")]]
)
def test_overlapping_or_outlying_edits_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(Declined):
        apply(b"abcdef", edits)


def test_the_inverse_gives_the_bytes_back() -> None:
    edits = [Edit(0, 1, b"long text"), Edit(3, 5, b""), Edit(6, 6, b"end")]

    assert apply(apply(b"abcdef", edits), inverse(b"abcdef", edits)) == b"abcdef"


def test_an_undo_survives_a_later_change_elsewhere() -> None:
    made = [Edit(OLD.index(b"line 20"), OLD.index(b"line 20") + 7, b"CHANGED")]
    new = apply(OLD, made)
    later = new.replace(b"line 3\n", b"").replace(b"line 28\n", b"line 28\nmore\n")

    undone = apply(later, rebase(inverse(OLD, made), new, later))

    assert undone == later.replace(b"CHANGED", b"line 20")


def test_an_undo_is_refused_where_its_lines_changed_since() -> None:
    made = [Edit(OLD.index(b"line 20"), OLD.index(b"line 20") + 7, b"CHANGED")]
    new = apply(OLD, made)

    for later in (new.replace(b"CHANGED", b"again"), new.replace(b"line 19\n", b"other\n"), b""):
        with pytest.raises(Declined):
            rebase(inverse(OLD, made), new, later)


def test_an_undone_insertion_at_the_end_survives_a_change_at_the_start() -> None:
    made = [Edit(len(OLD), len(OLD), b"tail\n")]
    new = apply(OLD, made)
    later = b"head\n" + new

    assert apply(later, rebase(inverse(OLD, made), new, later)) == b"head\n" + OLD


def test_a_diff_is_a_unified_diff() -> None:
    text = diff("t.yaml", b"a: 1\nb: 2\n", b"a: 1\nb: 3")

    assert text == (
        "--- a/t.yaml\n+++ b/t.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n\\ No newline at end of file\n"
    )


BLOCKS = "".join(f"block {n} {{\n  a = {n}\n}}\n\n" for n in range(80)).encode()


def test_what_a_diff_adds_begins_where_a_reader_would_begin_it() -> None:
    place = BLOCKS.index(b"block 40 ")
    added = b"block new {\n  a = 0\n}\n\n"

    text = diff("t.tf", BLOCKS, BLOCKS[:place] + added + BLOCKS[place:])

    assert [x for x in text.splitlines()[2:] if x[0] in "+-"] == [
        "+",
        "+block new {",
        "+  a = 0",
        "+}",
    ]


def test_lines_that_are_everywhere_are_no_reason_to_show_more_than_what_changed() -> None:
    text = diff("t.tf", BLOCKS, BLOCKS.replace(b"  a = 79\n", b"  a = 79\n  b = 1\n"))

    assert [x for x in text.splitlines()[2:] if x[0] in "+-"] == ["+  b = 1"]


@pytest.mark.parametrize("places", [(0,), (1, 5), (0, 39, 79), (3, 4), (60, 67, 75)])
def test_a_diff_read_back_gives_the_new_file(places: tuple[int, ...]) -> None:
    after = BLOCKS
    for n in places:
        after = after.replace(f"  a = {n}\n".encode(), f"  b = {n}\n  c = 1\n".encode())

    assert patched(BLOCKS.decode(), diff("t", BLOCKS, after)) == after.decode()


def patched(before: str, text: str) -> str:
    """Apply a unified diff, holding each hunk's header and unchanged lines to the file."""
    old, made, at = before.splitlines(keepends=True), [], 0
    for hunk in re.split(r"(?m)^(?=@@ )", text)[1:]:
        head, *body = hunk.splitlines(keepends=True)
        start, count, new_start, new_count = map(int, re.findall(r"\d+", head))
        made += old[at : start - 1]
        assert len(made) == new_start - 1
        kept = [x[1:] for x in body if x[0] in " -"]
        assert kept == old[start - 1 : start - 1 + count]
        added = [x[1:] for x in body if x[0] in " +"]
        assert len(added) == new_count
        made += added
        at = start - 1 + count
    return "".join([*made, *old[at:]])


@pytest.mark.parametrize(
    "line",
    [
        b"  DB_PASSWORD: hunter2hunter2\n",
        b'  "ApiKey": "sk_live_0123456789abcdefghij",\n',
        b"  - Note: AKIAABCDEFGHIJKLMNOP\n",
        b"  AKIAABCDEFGHIJKLMNOP\n",
        b"  Url: postgres://me:hunter2@db/x\n",
    ],
)
def test_secrets_stay_out_of_diffs(line: bytes) -> None:
    text = diff("t", b"x: 1\n" + line, b"x: 2\n" + line)

    assert "not shown" in text
    for secret in ("hunter2", "sk_live", "AKIA"):
        assert secret not in text


def test_references_to_secrets_are_shown() -> None:
    line = b"  DB_PASSWORD: !Ref Password\n  OTHER_SECRET: '{{resolve:secretsmanager:x}}'\n"

    text = diff("t", b"x: 1\n" + line, b"x: 2\n" + line)

    assert "not shown" not in text
