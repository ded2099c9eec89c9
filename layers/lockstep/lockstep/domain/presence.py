"""From a rule to one step: read the payload, settle what is absent, null or blank, convert the rest."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from lockstep.domain.conversions import converter
from lockstep.domain.conversions.results import Converted, Presence, Problem
from lockstep.domain.json_text import JsonValue
from lockstep.domain.payload_paths import Found, Read, reader
from lockstep.domain.rules import SourcedRule

Settled: TypeAlias = Converted | Presence | None
"""What becomes of a field: LEAVE is not sent, None clears it."""
FieldStep: TypeAlias = Callable[[JsonValue], Settled]

_MISSING = Problem("the field is required, and the payload has no value for it", "send it, or take `required` away")
_ON_EMPTY: dict[str, Presence | None] = {"clear": None, "leave": Presence.LEAVE}


def field_step(rule: SourcedRule) -> FieldStep:
    """Compile one rule; the step answers for every payload and never raises."""
    read = _first_of([reader(source) for source in rule.sources])
    settle = _settler(rule)
    return lambda payload: settle(read(payload))


def _settler(rule: SourcedRule) -> Callable[[Found], Settled]:
    convert = converter(rule)
    on_absent = _MISSING if rule.required else Presence.LEAVE
    on_null = _MISSING if rule.required else _ON_EMPTY[rule.when_null]
    keeps_blank = rule.when_blank == "keep"
    on_blank = _MISSING if rule.required else _ON_EMPTY.get(rule.when_blank)
    trim = rule.trim

    def settle(found: Found) -> Settled:
        if isinstance(found, str):
            if trim:
                found = found.strip()
            if not keeps_blank and (not found or found.isspace()):
                return on_blank
            return convert(found)
        if found is None:
            return on_null
        if isinstance(found, Presence):
            return on_absent
        return found if isinstance(found, Problem) else convert(found)

    return settle


def _first_of(reads: Sequence[Read]) -> Read:
    if len(reads) == 1:
        return reads[0]

    def read(payload: JsonValue) -> Found:
        rest: Found = Presence.ABSENT
        for read_one in reads:
            found = read_one(payload)
            if not _is_empty(found):
                return found
            rest = rest if isinstance(found, Presence) else found
        return rest

    return read


def _is_empty(found: Found) -> bool:
    return found is None or isinstance(found, Presence) or (isinstance(found, str) and not found.strip())
