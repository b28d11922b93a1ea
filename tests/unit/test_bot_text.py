"""Text from outside never becomes markup, whatever it is."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text import block_of, clip, code, parts, plain, prose

ANY = st.text(max_size=4000)
NASTY = st.lists(
    st.sampled_from(
        ["<!channel>", "<@U1>", "*b*", "_i_", "~s~", "`c`", "```", ":smile:", "&amp;", "http://x.io/a",
         "<http://a|b>", "\u202eevil", "@here", "#general", ">", "&gt;", "a_b", "www.x.io", "x.io/a", "\n", "ok"]
    ),
    max_size=60,
).map(" ".join)  # fmt: skip
UNTIMED = settings(deadline=None)
SPAN = re.compile(r"`[^`\n]+`")


@UNTIMED
@given(st.one_of(ANY, NASTY), st.integers(min_value=10, max_value=3000))
def test_prose_keeps_its_limit_and_leaves_no_markup(text: str, limit: int) -> None:
    shown = prose(text, limit)
    outside = SPAN.sub("", shown)
    assert len(shown) <= limit
    assert not re.search(r"[<>*_~`@#]", outside)
    assert not shown.startswith("&gt;")
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert not re.search(
        r":\S*:", outside.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    )
    assert "://" not in outside
    assert "<" not in shown
    assert ">" not in shown


@UNTIMED
@given(st.one_of(ANY, NASTY))
def test_code_is_one_span_and_nothing_else(text: str) -> None:
    shown = code(text)
    assert not shown or SPAN.fullmatch(shown)
    assert "<" not in shown


@UNTIMED
@given(st.one_of(ANY, NASTY), st.integers(min_value=20, max_value=2900))
def test_parts_of_a_diff_keep_their_limit_and_close_their_fences(text: str, limit: int) -> None:
    for part in parts(text, limit):
        assert len(part) <= limit
        assert part.startswith("```\n")
        assert part.endswith("\n```")
        assert "```" not in part[3:-3]
        assert "<" not in part


@UNTIMED
@given(st.one_of(ANY, NASTY), st.integers(min_value=2, max_value=300))
def test_plain_text_is_one_line_within_its_limit(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("grants lambda:InvokeFunctionUrl to *.", "grants lambda:InvokeFunctionUrl to `*`."),
        ("call <!channel> now", "call `&lt;!channel&gt;` now"),
        ("risk 71 -> 37", "risk 71 -&gt; 37"),
        ("> not a quotation", "`&gt;` not a quotation"),
        ("my_table (tag data=pii)", "`my_table` (tag data=pii)"),
        ("arn:aws:iam::1:role/x is wide", "`arn:aws:iam::1:role/x` is wide"),
        ("costs 4.10 & more", "costs 4.10 &amp; more"),
    ],
)
def test_prose_reads_as_a_person_would_write_it(text: str, shown: str) -> None:
    assert prose(text) == shown


def test_a_diff_reveals_characters_that_turn_the_reading_direction() -> None:
    assert "\\u202e" in block_of("+ a \u202e b")


def test_a_diff_in_parts_is_whole() -> None:
    diff = "\n".join(f"+ line {number}" for number in range(900))
    shown = "\n".join(part[4:-4] for part in parts(diff, 500))
    assert shown == diff


def test_a_cut_shows_that_it_was_made() -> None:
    assert clip("abcdef", 4) == "abc…"
