"""Elements of the page as text. What is not `Markup` is escaped, so that no event can smuggle any in."""

import html


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


EMPTY = Markup("")
_VOID = frozenset(("meta", "input", "br"))


def element(name: str, attributes: dict[str, object] | None = None, *children: str) -> Markup:
    """One element of HTML or SVG. An attribute of None is left out, one of True has no value."""
    opening = "".join(_attribute(key, value) for key, value in (attributes or {}).items())
    if name in _VOID:
        return Markup(f"<{name}{opening}>")
    return Markup(f"<{name}{opening}>{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Pieces one after the other, those that are not markup escaped."""
    return Markup(
        "".join(child if isinstance(child, Markup) else html.escape(child, quote=False) for child in children)
    )


def _attribute(key: str, value: object) -> str:
    if value is None:
        return ""
    if value is True:
        return f" {key}"
    return f' {key}="{html.escape(str(value))}"'
