"""Lookups by query: what a payload asks for, and what becomes of the field once the org has answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

from lockstep.domain.conditions import Holds, condition
from lockstep.domain.conversions.references import reference_key
from lockstep.domain.conversions.results import Noted, Presence, Problem
from lockstep.domain.json_text import JsonValue
from lockstep.domain.payload_paths import Read, reader
from lockstep.domain.presence import Defaults, Settled, first_of, settler
from lockstep.domain.rules import TextRule
from lockstep.domain.rules.lookups import LookupRule, MatchFrom, MatchValue

MatchValues: TypeAlias = tuple[str | bool | int, ...]
"""The values of a lookup's match fields, in their order."""


class Several(Enum):
    """Stands where more than one record matches."""

    SEVERAL = "several"


Found: TypeAlias = str | Several
"""The Id of the record, or that there are several."""


@dataclass(frozen=True, slots=True)
class LookupTarget:
    """Where a lookup finds its record, apart from the values."""

    object_name: str
    match_fields: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.object_name} by {', '.join(self.match_fields)}"


@dataclass(frozen=True, slots=True)
class Wish:
    """The wish of one record to fill a field with the Id of another."""

    field: str
    target: LookupTarget
    values: MatchValues
    when_missing: Literal["wait", "reject", "clear"]


@dataclass(frozen=True, slots=True)
class LookupStep:
    """How one lookup is asked for; `run` answers for every payload and never raises. None clears the field."""

    name: str
    run: Callable[[JsonValue], Wish | Problem | Presence | None]


_MISSING = Problem("the field is required, and the payload has no value for it", "send it, or take `required` away")


def lookup_step(name: str, rule: LookupRule, defaults: Defaults) -> LookupStep:
    """Compile one rule."""
    parts = [_part(match, _own(rule, defaults)) for match in rule.match.values()]
    target = LookupTarget(rule.object_name, tuple(rule.match))
    holds = condition(rule.when)

    def run(payload: JsonValue) -> Wish | Problem | Presence | None:
        if (kept := _kept(holds, payload)) is not None:
            return kept
        settled = [part(payload) for part in parts]
        values = tuple(each for each in settled if isinstance(each, str | bool | int))
        if len(values) == len(settled):
            return Wish(name, target, values, rule.when_missing)
        unsettled = _unsettled(settled)
        return unsettled if isinstance(unsettled, Problem) or not rule.required else _MISSING

    return LookupStep(name, run)


def _kept(holds: Holds | None, payload: JsonValue) -> Problem | Presence | None:
    """Return why the lookup is left alone, or None where its condition holds."""
    answer = holds is None or holds(payload)
    if isinstance(answer, Problem):
        return answer
    return None if answer else Presence.LEAVE


def _own(rule: LookupRule, defaults: Defaults) -> Defaults:
    said = rule.model_fields_set
    return Defaults(
        rule.when_null if "when_null" in said else defaults.when_null,
        rule.when_blank if "when_blank" in said else defaults.when_blank,
    )


def _part(match: MatchFrom | MatchValue, defaults: Defaults) -> Callable[[JsonValue], Settled]:
    if isinstance(match, MatchValue):
        value = match.value
        return lambda _: value
    read = _reader([reader(path) for path in match.sources])
    # Its values are the keys of records, whatever the lookup's own options are.
    text = TextRule.model_validate({"type": "text", "from": "unused", "trim": match.trim})
    settle = settler(text, reference_key, defaults)
    return lambda payload: settle(read(payload))


def _reader(reads: Sequence[Read]) -> Read:
    return reads[0] if len(reads) == 1 else first_of(reads)


def _unsettled(settled: Sequence[Settled]) -> Problem | Presence | None:
    """Return what is said of the parts without a value: a problem first, then that the field is left."""
    problem = next((each for each in settled if isinstance(each, Problem)), None)
    if problem:
        return problem
    return Presence.LEAVE if Presence.LEAVE in settled else None


def fulfilled(wish: Wish, found: Mapping[MatchValues, Found]) -> str | Noted | Problem | None:
    """Return the Id; or what else becomes of the field. None says that the record has to wait."""
    answer = found.get(wish.values)
    if isinstance(answer, str):
        return answer
    if answer is Several.SEVERAL:
        return Problem(
            f"several records are found ({wish.target})", "match by more fields, or mend the data in the org"
        )
    if wish.when_missing == "clear":
        return Noted(None, "cleared, because the lookup found no record")
    if wish.when_missing == "reject":
        return Problem(f"no record is found ({wish.target})", "make the record in the org, and redrive")
    return None
