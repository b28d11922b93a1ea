"""Build HTML from values: whatever is not already markup is escaped."""

import html


class Html(str):
    """Text that is markup already. Everything else is escaped where it meets markup."""

    __slots__ = ()


_VOID = frozenset({"input", "meta", "link", "br"})


def text(value: object) -> Html:
    """Escape a value, unless it is markup."""
    return value if isinstance(value, Html) else Html(html.escape(str(value), quote=True))


def join(*parts: object) -> Html:
    """Put parts behind each other; nothing for None."""
    return Html("".join(text(part) for part in parts if part is not None))


def el(name: str, /, *children: object, **attributes: str) -> Html:
    """Return one element with its children joined.

    `class_` and `for_` lose their underscore, other underscores in names become hyphens.
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    if name in _VOID:
        return Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{join(*children)}</{name}>")
