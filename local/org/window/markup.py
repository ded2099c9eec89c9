"""HTML from values: whatever is not `Markup` already is escaped, so no value of a record can become a tag."""

from collections.abc import Iterable
from html import escape

_EMPTY_ELEMENTS = frozenset({"link", "meta"})


class Markup(str):
    """HTML."""

    __slots__ = ()


Child = Markup | str | int | Iterable["Child"] | None
Attribute = str | int | bool | None


def element(tag: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """Return an element. `class_` and the like lose their last underscore, others become hyphens.

    A true attribute stands without a value; one that is None or false is left out.
    """
    start = "".join(_attribute(key, value) for key, value in attributes.items())
    if tag in _EMPTY_ELEMENTS:
        return Markup(f"<{tag}{start}>")
    return Markup(f"<{tag}{start}>{joined(children)}</{tag}>")


def joined(children: Child) -> Markup:
    """Return children one after the other."""
    if children is None:
        return Markup()
    if isinstance(children, Markup):
        return children
    if isinstance(children, str | int):
        return Markup(escape(str(children)))
    return Markup("".join(joined(each) for each in children))


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
