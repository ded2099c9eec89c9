"""Text: declared length, declared treatment of what is too long and of control characters."""

import html

from lockstep.domain.conversions.characters import (
    BROKEN_TEXT,
    CONTROL_CHARACTERS,
    first_units,
    is_broken,
    length_of,
    plain_text,
)
from lockstep.domain.conversions.results import Convert, Converted, Noted, Problem
from lockstep.domain.rules import RichTextRule, TextualRule

_REPLACEMENTS = {"remove": "", "space": " "}
_CONTROL_CHARACTER = Problem(
    "the text holds a control character", "correct it in the source, or set `control_characters: remove` (or space)"
)


def text_converter(rule: TextualRule) -> Convert:
    """Return the conversion that the rule describes."""
    replacement = _REPLACEMENTS.get(rule.control_characters)
    max_length = rule.max_length

    def convert(value: object) -> Converted:
        text = plain_text(value)
        if isinstance(text, Problem):
            return text
        cleaned = text if text.isprintable() else _cleaned(text, replacement)
        if max_length is None or isinstance(cleaned, Problem) or len(cleaned) * 2 <= max_length:
            return _noted(cleaned, text)
        if length_of(cleaned) <= max_length:
            return _noted(cleaned, text)
        return _shortened(cleaned, rule, max_length)

    return convert


def rich_text_converter(rule: RichTextRule) -> Convert:
    """Return the conversion that the rule describes; plain text is made HTML before it is measured."""
    measure = text_converter(rule)
    if rule.given == "html":
        return measure

    def convert(value: object) -> Converted:
        text = plain_text(value)
        return text if isinstance(text, Problem) else measure(_as_html(text))

    return convert


def _as_html(text: str) -> str:
    return html.escape(text, quote=False).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "<br>")


def _cleaned(text: str, replacement: str | None) -> str | Problem:
    if is_broken(text):
        return BROKEN_TEXT
    if not CONTROL_CHARACTERS.search(text):
        return text
    return _CONTROL_CHARACTER if replacement is None else CONTROL_CHARACTERS.sub(replacement, text)


def _noted(cleaned: str | Problem, text: str) -> Converted:
    if cleaned is text or isinstance(cleaned, Problem):
        return cleaned
    return Noted(cleaned, "control characters taken out")


def _shortened(text: str, rule: TextualRule, max_length: int) -> Converted:
    if rule.on_too_long == "reject":
        return Problem(
            f"the text is longer than {max_length} characters",
            "shorten it in the source, lengthen the field, or set `on_too_long: truncate`",
        )
    return Noted(first_units(text, max_length), f"cut to {max_length} characters")
