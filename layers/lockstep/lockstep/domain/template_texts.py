"""Reads a template's parts from the payload and puts its text together."""

from lockstep.domain.conversions.characters import plain_text
from lockstep.domain.conversions.results import Presence, Problem
from lockstep.domain.json_text import JsonValue
from lockstep.domain.payload_paths import Found, Read, reader
from lockstep.domain.templates import Template

_PART_MISSING = Problem(
    "a part of the template has no value", "send it, or set `when_part_empty: collapse` to leave it out"
)


def template_reader(template: Template, when_part_empty: str) -> Read:
    """Return a function to the text; where no part has a value, to what the last of them has instead."""
    reads = [reader(part) for part in template.parts]
    collapses = when_part_empty == "collapse"

    def read(payload: JsonValue) -> Found:
        found = [read_one(payload) for read_one in reads]
        texts = [_text(each) for each in found]
        problem = next((text for text in texts if isinstance(text, Problem)), None)
        if problem:
            return problem
        values = [text for text in texts if isinstance(text, str)]
        if not any(values):
            return next((each for each in reversed(found) if not isinstance(each, Presence)), Presence.ABSENT)
        return template.filled(values) if collapses or all(values) else _PART_MISSING

    return read


def _text(found: Found) -> str | Problem:
    if isinstance(found, Problem):
        return found
    if found is None or isinstance(found, Presence):
        return ""
    text = plain_text(found)
    return "" if isinstance(text, str) and not text.strip() else text
