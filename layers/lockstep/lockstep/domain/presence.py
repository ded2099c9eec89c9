"""From a rule to one step: read the payload, settle what is absent, null or blank, convert the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from lockstep.domain.conversions import converter
from lockstep.domain.conversions.characters import NULL_MARK
from lockstep.domain.conversions.results import Convert, Converted, Noted, Presence, Problem
from lockstep.domain.conversions.shortcuts import with_shortcut
from lockstep.domain.json_text import JsonValue
from lockstep.domain.null_mark import BULK_NULL
from lockstep.domain.payload_paths import Found, Read, plain_path, reader
from lockstep.domain.rules import (
    BooleanRule,
    ClearOrLeave,
    IntegerRule,
    NumberRule,
    PercentRule,
    PhoneRule,
    SourcedRule,
    TimeRule,
)
from lockstep.domain.rules.choices import ChoiceRule
from lockstep.domain.template_texts import template_reader

Settled: TypeAlias = Converted | Presence | None
"""What becomes of a field: LEAVE is not sent, None clears it."""
Settle: TypeAlias = Callable[[Found], Settled]
Run: TypeAlias = Callable[[JsonValue], Settled]

_MISSING = Problem("the field is required, and the payload has no value for it", "send it, or take `required` away")
_REPEATING = (BooleanRule, ChoiceRule, NumberRule, IntegerRule, PercentRule, TimeRule)
_ON_EMPTY: dict[str, Presence | None] = {"clear": None, "leave": Presence.LEAVE}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What null and blank mean in fields whose rules do not say it themselves."""

    when_null: ClearOrLeave = "clear"
    when_blank: ClearOrLeave = "clear"


@dataclass(frozen=True, slots=True)
class FieldStep:
    """How one field is filled; `run` answers for every payload and never raises.

    Where the field depends on nothing but one place in the payload, `name` or `data.name`, that is `column`, and
    `settle` does the rest of a cell: of a flat row no payload has to be made.
    """

    name: str
    run: Run
    column: str | None = None
    settle: Callable[[str], Settled] | None = None
    repeats: bool = False  # its values come again and again, so that it pays to remember them
    is_constant: bool = False  # whatever the payload is


def field_step(name: str, rule: SourcedRule, defaults: Defaults) -> FieldStep:
    """Compile one rule."""
    read = template_reader(rule.template, rule.when_part_empty) if rule.template else _first_of(rule)
    if isinstance(rule, PhoneRule) and rule.region_from:
        return FieldStep(name, _phone_run(rule, read, defaults))
    settle = settler(rule, converter(rule), defaults)
    column = plain_path(rule.sources[0]) if len(rule.sources) == 1 else None
    return FieldStep(
        name,
        lambda payload: settle(read(payload)),
        column,
        with_shortcut(rule, settle) if column else None,
        isinstance(rule, _REPEATING),
    )


def settler(rule: SourcedRule, convert: Convert, defaults: Defaults) -> Settle:
    """Return what becomes of a value that was found, or was not."""
    on_null, on_blank = _on_empty(rule, defaults)
    on_absent = _MISSING if rule.required else Presence.LEAVE
    keeps_blank, trim, null_words = rule.when_blank == "keep", rule.trim, frozenset(rule.null_words)

    def settle(found: Found) -> Settled:
        if isinstance(found, str):
            if trim:
                found = found.strip()
            if not found or (found.isspace() and not keeps_blank):
                return on_blank
            if found in null_words:
                return on_null
        elif found is None or isinstance(found, Presence | Problem):
            return _unfound(found, on_null, on_absent)
        converted = convert(found)
        is_plain = converted.__class__ is str and converted and converted != BULK_NULL
        return converted if is_plain else _sayable(converted, on_blank)

    return settle


def _unfound(found: Presence | Problem | None, on_null: Settled, on_absent: Settled) -> Settled:
    if found is None:
        return on_null
    return found if isinstance(found, Problem) else on_absent


def _on_empty(rule: SourcedRule, defaults: Defaults) -> tuple[Settled, Settled]:
    """Return what becomes of null and of blank: the rule's word first, then the route's."""
    if rule.required:
        return _MISSING, _MISSING
    said = rule.model_fields_set
    is_own = isinstance(rule, BooleanRule)
    when_null = rule.when_null if is_own or "when_null" in said else defaults.when_null
    when_blank = rule.when_blank if is_own or "when_blank" in said else defaults.when_blank
    return _ON_EMPTY[when_null], _ON_EMPTY.get(when_blank)


def _sayable(converted: Converted, on_blank: Settled) -> Settled:
    if isinstance(converted, str):
        return converted if converted and converted != BULK_NULL else _unsayable(converted, on_blank)
    return _sayable_note(converted, on_blank) if isinstance(converted, Noted) else converted


def _unsayable(text: str, on_blank: Settled) -> Settled:
    """Keep a text from being taken for null: Salesforce stores an empty text as null, and Bulk reads #N/A so."""
    return NULL_MARK if text else on_blank


def _sayable_note(noted: Noted, on_blank: Settled) -> Settled:
    if noted.value == "" and on_blank is None:
        return Noted(None, noted.what)
    is_sayable = noted.value not in ("", BULK_NULL)
    return noted if is_sayable else _unsayable(str(noted.value), on_blank)


def _phone_run(rule: PhoneRule, read: Read, defaults: Defaults) -> Run:
    from lockstep.domain.conversions.phones import known_region, phone_converter

    if rule.region_from is None:
        raise TypeError("the rule reads no region")
    convert, read_region = phone_converter(rule), reader(rule.region_from)

    @cache  # one entry for each region of the world
    def settle_in(region: str | None) -> Settle:
        return settler(rule, lambda value: convert(value, region), defaults)

    return lambda payload: settle_in(known_region(read_region(payload)))(read(payload))


def _first_of(rule: SourcedRule) -> Read:
    reads = [reader(source) for source in rule.sources]
    return reads[0] if len(reads) == 1 else first_of(reads, frozenset(rule.null_words))


def first_of(reads: Sequence[Read], null_words: frozenset[str] = frozenset()) -> Read:
    """Return a function to the first value that is neither null nor blank."""

    def read(payload: JsonValue) -> Found:
        rest: Found = Presence.ABSENT
        for read_one in reads:
            found = read_one(payload)
            if not is_empty(found) and not (isinstance(found, str) and found in null_words):
                return found
            rest = rest if isinstance(found, Presence) else found
        return rest

    return read


def is_empty(found: Found) -> bool:
    """True where nothing was found: no such thing, null, or a blank text."""
    return found is None or isinstance(found, Presence) or (isinstance(found, str) and not found.strip())
