"""Text from outside, made harmless for Slack.

Names, tags, reasons, log fields and diffs come from people and clouds we do not know. In mrkdwn
such text could format, mention, link or become an emoji. `prose` therefore puts every word that
could do so into a code span, where Slack reads nothing but the characters; `code` does it for a
whole text; `plain` is for plain_text objects, which Slack never reads as markup.
See https://docs.slack.dev/messaging/formatting-message-text
"""

import re
import unicodedata
from collections.abc import Iterator

CUT = "…"
_BACKTICK = "\N{MODIFIER LETTER GRAVE ACCENT}"
_BREAK = "\N{ZERO WIDTH SPACE}"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"[*_~`@#]|<!|://|:.*:|^www\.|\.\w{2,}/", re.IGNORECASE)
"""What Slack could read as formatting, mention, link or emoji. A lone < or > is safe once escaped."""
_EDGE = re.compile(r"^([\"'(\[]*)(.*?)([\"')\].,;:!?]*)$", re.DOTALL)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_WORD_MAX = 200
"""A longer word is no word: it is cut, so that one value cannot fill a message."""


def _visible(text: str) -> str:
    """Drop control, format and surrogate characters: they hide text or turn its direction."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)


def _one_line(text: str) -> str:
    return " ".join(_visible(text).split())


def clip(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, showing that it was cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + CUT


def plain(text: str, limit: int) -> str:
    """Return one line for a plain_text object."""
    return clip(_one_line(text), limit)


def escape(text: str) -> str:
    """Replace the three characters that Slack gives a meaning in every mrkdwn text."""
    return text.translate(_ENTITIES)


def code(text: str, limit: int = 300) -> str:
    """Return the text as one code span. Backticks in it become a look-alike."""
    inner = clip(_one_line(text), _WORD_MAX if limit > _WORD_MAX else max(limit - 2, 1))
    return f"`{escape(inner.replace('`', _BACKTICK))}`" if inner else ""


def _word(word: str) -> str:
    if not _MARKUP.search(word):
        return escape(clip(word, _WORD_MAX))
    match = _EDGE.match(word)
    before, core, after = match.groups() if match else ("", word, "")
    if not core:
        before, core, after = "", word, ""
    return f"{escape(before)}{code(core)}{escape(after)}"


def _fitting(words: Iterator[str], limit: int) -> Iterator[str]:
    room = limit
    for word in words:
        room -= len(word) + 1
        if room < len(CUT):
            yield CUT
            return
        yield word


def prose(text: str, limit: int = 1000) -> str:
    """Return one line of mrkdwn that reads as the text and does nothing.

    `limit` holds for what is sent, after escaping.
    """
    words = _one_line(text).split()
    # a line that begins with > is a quotation in Slack, escaped or not
    shown = (
        code(word) if n == 0 and word[0] == ">" else _word(word) for n, word in enumerate(words)
    )
    return " ".join(_fitting(shown, limit))


def _revealed(text: str) -> str:
    # what a reader approves must hide nothing: a character that cannot be seen is written out
    text = text.replace("\r\n", "\n")
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in _UNSEEN else f"\\u{ord(c):04x}"
        for c in text
    )


def block_of(lines: str) -> str:
    """Return lines as a preformatted block. A run of three backticks is broken up."""
    return _fenced(_literal(lines))


def _literal(text: str) -> str:
    return escape(_revealed(text).replace("```", f"``{_BREAK}`"))


def _fenced(shown: str) -> str:
    return f"```\n{shown}\n```"


def parts(text: str, limit: int) -> Iterator[str]:
    """Split a text at line ends into preformatted blocks of at most `limit` characters each.

    A line that fits no block by itself goes on in the next one.
    """
    room = limit - len(_fenced(""))
    held: list[str] = []
    taken = 0
    for line in text.splitlines():
        for piece in _pieces(line, room):
            if held and taken + len(piece) > room:
                yield _fenced("\n".join(held))
                held, taken = [], 0
            held.append(piece)
            taken += len(piece) + 1
    if held:
        yield _fenced("\n".join(held))


def _pieces(line: str, room: int) -> Iterator[str]:
    shown = _literal(line)
    if len(shown) <= room:
        yield shown
        return
    # a character written out takes ten at most ("\\U0001f600" is six to ten, "&amp;" five)
    width = max(room // 10, 1)
    for start in range(0, len(line), width):
        yield _literal(line[start : start + width])
