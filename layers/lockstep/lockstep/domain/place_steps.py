"""The steps of rules that fill several fields: the numbers of a geolocation, the parts of an address."""

from collections.abc import Sequence

from lockstep.domain.conversions import converter
from lockstep.domain.conversions.characters import plain_text
from lockstep.domain.conversions.coordinates import coordinate_converter
from lockstep.domain.conversions.results import Presence, Problem
from lockstep.domain.json_text import JsonValue
from lockstep.domain.payload_paths import Found, Read, reader
from lockstep.domain.presence import Defaults, FieldStep, Run, Settle, first_of, is_empty, settler
from lockstep.domain.rules import AddressRule, CompoundRule, GeolocationRule, TextRule
from lockstep.domain.rules.base import Paths
from lockstep.domain.rules.places import LENGTH_BY_PART, part_field

_HALF = Problem("of latitude and longitude only one has a value", "send both or neither")


def compound_steps(name: str, rule: CompoundRule, defaults: Defaults) -> Sequence[FieldStep]:
    """Compile one rule into a step for each field that it fills."""
    said = rule.model_fields_set
    own = Defaults(
        rule.when_null if "when_null" in said else defaults.when_null,
        rule.when_blank if "when_blank" in said else defaults.when_blank,
    )
    return _geolocation_steps(name, rule, own) if isinstance(rule, GeolocationRule) else _address_steps(name, rule, own)


def _geolocation_steps(name: str, rule: GeolocationRule, defaults: Defaults) -> list[FieldStep]:
    reads = {"latitude": _reader(rule.latitude), "longitude": _reader(rule.longitude)}
    steps = []
    for part, other in (("latitude", "longitude"), ("longitude", "latitude")):
        text_rule = _text_rule({"required": rule.required})
        settle = settler(text_rule, coordinate_converter(rule, part), defaults)
        steps.append(FieldStep(part_field(name, part), _half_run(reads[part], reads[other], settle)))
    return steps


def _half_run(read: Read, read_other: Read, settle: Settle) -> Run:
    def run(payload: JsonValue) -> object:
        found, other = read(payload), read_other(payload)
        if is_empty(found) != is_empty(other):
            return _HALF
        # Null and not there: one of them is to be cleared, so both are.
        return settle(other if isinstance(found, Presence) else found)

    return run  # type: ignore[return-value]


def _address_steps(name: str, rule: AddressRule, defaults: Defaults) -> list[FieldStep]:
    steps = []
    for part in rule.parts:
        text_rule = _text_rule(
            {
                "required": part in rule.required,
                "max_length": LENGTH_BY_PART[part],
                "on_too_long": rule.on_too_long,
                "control_characters": rule.control_characters,
            }
        )
        paths: Paths = getattr(rule, part)
        read = _lines_reader(paths) if part == "street" else _reader(paths)
        steps.append(_part_step(part_field(name, part), read, settler(text_rule, converter(text_rule), defaults)))
    return steps


def _part_step(name: str, read: Read, settle: Settle) -> FieldStep:
    return FieldStep(name, lambda payload: settle(read(payload)))


def _text_rule(options: dict[str, object]) -> TextRule:
    return TextRule.model_validate({"type": "text", "from": "unused", **options})


def _reader(paths: Paths) -> Read:
    reads = [reader(path) for path in paths]
    return reads[0] if len(reads) == 1 else first_of(reads)


def _lines_reader(paths: Paths) -> Read:
    reads = [reader(path) for path in paths]
    if len(reads) == 1:
        return reads[0]

    def read(payload: JsonValue) -> Found:
        found = [read_one(payload) for read_one in reads]
        lines = [_line(each) for each in found if not is_empty(each)]
        problem = next((line for line in lines if isinstance(line, Problem)), None)
        if problem:
            return problem
        if lines:
            return "\n".join(line for line in lines if isinstance(line, str))
        return next((each for each in found if not isinstance(each, Presence)), Presence.ABSENT)

    return read


def _line(found: Found) -> str | Problem:
    return found if isinstance(found, Problem) else plain_text(found)
