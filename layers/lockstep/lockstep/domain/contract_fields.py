"""Whether a rule or a constant fits the field that it writes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from lockstep.domain.contract_findings import Finding
from lockstep.domain.contract_parents import lookup_findings, reference_findings
from lockstep.domain.describes import FieldFacts, ObjectFacts
from lockstep.domain.external_ids import NUMBERS
from lockstep.domain.limits import limited
from lockstep.domain.record_types import CHOICES
from lockstep.domain.rules import AddressRule, GeolocationRule, LookupRule, NumericRule, ReferenceRule, Rule
from lockstep.domain.rules.places import LENGTH_BY_PART, part_field

_TEXTS = {"string", "textarea", "email", "phone", "url", "combobox", "encryptedstring"}

TYPES_BY_RULE: Mapping[str, frozenset[str]] = {
    rule: frozenset(types)
    for rule, types in {
        "text": _TEXTS,
        "long_text": {"textarea", "string"},
        "rich_text": {"textarea"},
        "email": {"email", "string"},
        "url": {"url", "string", "textarea"},
        "phone": {"phone", "string"},
        "number": NUMBERS,
        "integer": NUMBERS,
        "percent": {"percent", "double"},
        "currency": {"currency", "double"},
        "boolean": {"boolean"},
        "date": {"date"},
        "datetime": {"datetime"},
        "time": {"time"},
        "picklist": {"picklist", "combobox", "string"},
        "multi_picklist": {"multipicklist"},
        "reference": {"reference"},
        "lookup": {"reference"},
        "geolocation": {"double"},
        "address": {"string", "textarea", "picklist"},
    }.items()
}
# What the org takes too, though another type would check more of the value before it is sent.
_TAKEN_BY_RULE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("text", "long_text"), frozenset({"picklist", "multipicklist", "reference", *_TEXTS})),
    **dict.fromkeys(("email", "url", "phone", "rich_text", "picklist"), frozenset(_TEXTS)),
    **dict.fromkeys(("percent", "currency"), frozenset(NUMBERS)),
    **dict.fromkeys(("date", "datetime", "time"), frozenset({"string", "textarea"})),
}
_RULE_BY_TYPE = {
    **dict.fromkeys(("string", "textarea", "encryptedstring"), "text"),
    **dict.fromkeys(("double", "int"), "number"),
    **dict.fromkeys(("picklist", "combobox"), "picklist"),
    "multipicklist": "multi_picklist",
}


def written_fields(path: tuple[str, ...], name: str, rule: Rule) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give each field that the rule writes, with its place: of a compound field its parts."""
    if isinstance(rule, GeolocationRule | AddressRule):
        for part in ("latitude", "longitude") if isinstance(rule, GeolocationRule) else rule.parts:
            yield (*path, part), part_field(name, part)
    else:
        yield path, name


def rule_findings(
    path: tuple[str, ...], rule: Rule, field: FieldFacts, parents: Mapping[str, ObjectFacts | None]
) -> Iterator[Finding]:
    """Compare a rule with its field; `parents` are the describes of the objects that references name."""
    types = TYPES_BY_RULE.get(rule.type)
    if types is None:
        return
    if isinstance(rule, AddressRule):
        yield from _part_length(path, field)
    if field.type not in types:
        is_taken = field.type in _TAKEN_BY_RULE.get(rule.type, ())
        yield replace(_wrong_type(path, rule.type, field), is_warning=is_taken)
        return
    filled = limited(rule, field)
    yield from _length(path, filled, field)
    yield from _digits(path, filled, field)
    yield from _choices(path, rule, field)
    if isinstance(rule, ReferenceRule):
        yield from reference_findings(path, rule, field, parents)
    elif isinstance(rule, LookupRule):
        yield from lookup_findings(path, rule, field, parents)


def constant_findings(path: tuple[str, ...], value: bool | int | str, field: FieldFacts) -> Iterator[Finding]:  # noqa: FBT001
    """Compare a constant with the field."""
    if not _is_of_type(value, field):
        reason = f"{field.name} is a {field.type}, and the value is {_WORDS[type(value)]}"
        yield Finding(path, reason, f"write {_WANTED.get(field.type, 'a text in quotes')}")
    elif isinstance(value, str) and field.type in CHOICES:
        for word in value.split(";") if field.type == "multipicklist" else [value]:
            yield from _choice(path, word, field)
    elif isinstance(value, str) and 0 < field.length < _utf16_length(value):
        yield Finding(path, f"{field.name} holds {field.length} characters, and the value is longer", "shorten it")


_WORDS = {bool: "true or false", int: "a number", str: "text"}
_WANTED = {"boolean": "true or false, without quotes", **dict.fromkeys(NUMBERS, "a number")}


def _is_of_type(value: bool | int | str, field: FieldFacts) -> bool:  # noqa: FBT001
    if isinstance(value, bool) or field.type == "boolean":
        return isinstance(value, bool) and field.type == "boolean"
    if isinstance(value, int):
        return field.type in NUMBERS
    return field.type not in NUMBERS or _is_number(value)


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _utf16_length(text: str) -> int:
    """Count as Salesforce does: a character outside the basic plane is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def _wrong_type(path: tuple[str, ...], rule_type: str, field: FieldFacts) -> Finding:
    fitting = _RULE_BY_TYPE.get(field.type, field.type)
    remedy = f"use type: {fitting}, or map another field" if fitting in TYPES_BY_RULE else "map another field"
    return Finding(path, f"the rule is of type {rule_type}, and {field.name} is a {field.type} in the org", remedy)


def _length(path: tuple[str, ...], rule: Rule, field: FieldFacts) -> Iterator[Finding]:
    """Compare the length that the author has set; where none is set the field's own counts."""
    longest: int | None = getattr(rule, "max_length", None)
    if longest is not None and 0 < field.length < longest:
        reason = f"{field.name} holds {field.length} characters, and max_length allows {longest}"
        yield Finding((*path, "max_length"), reason, f"say max_length: {field.length}, or make the field longer")


def _part_length(path: tuple[str, ...], field: FieldFacts) -> Iterator[Finding]:
    longest = LENGTH_BY_PART.get(path[-1], 0)
    if 0 < field.length < longest and field.type != "picklist":
        reason = (
            f"{field.name} holds {field.length} characters, and the rule lets {longest} pass: the org refuses those"
        )
        yield Finding(path, reason, "make the field longer, or map the part with type: text", is_warning=True)


def _digits(path: tuple[str, ...], rule: Rule, field: FieldFacts) -> Iterator[Finding]:
    """Compare the digits that the author has set; where none are set the field's own count."""
    if not isinstance(rule, NumericRule) or not field.whole_digits:
        return
    room, decimals, whole = field.whole_digits, field.scale, rule.precision - rule.scale
    if rule.scale > decimals:
        yield Finding(
            (*path, "scale"),
            f"{field.name} has {decimals} decimals, and the rule lets {rule.scale} pass",
            f"say scale: {decimals}, and `round: true` where decimals may be lost",
        )
    elif whole > room:
        yield Finding(
            (*path, "precision"),
            f"{field.name} has {room} digits before the point, and the rule lets {whole} pass",
            f"say precision: {room + rule.scale}",
        )


def _choices(path: tuple[str, ...], rule: Rule, field: FieldFacts) -> Iterator[Finding]:
    table: Mapping[str, str] = getattr(rule, "values", None) or {}
    default: str | None = getattr(rule, "default", None)
    for word, value in table.items():
        yield from _choice((*path, "values", word), value, field)
    if default is not None:
        yield from _choice((*path, "default"), default, field)


def _choice(path: tuple[str, ...], value: str, field: FieldFacts) -> Iterator[Finding]:
    if field.type == "string":
        if 0 < field.length < _utf16_length(value):
            yield Finding(path, f"{field.name} holds {field.length} characters, and the value is longer", "shorten it")
    elif value not in field.values:
        scope = f" for the record type {field.values_of}" if field.values_of else ""
        effect = "it refuses others" if field.is_restricted else "it would be stored as an inactive value"
        yield Finding(
            path,
            f"{value!r} is not an active value of {field.name}{scope}: {effect}",
            f"use one of: {_listed(field.values)}; or add the value in the org",
            is_warning=not field.is_restricted,
        )


def _listed(values: tuple[str, ...]) -> str:
    shown = ", ".join(values[:12]) or "(none)"
    return f"{shown} and {len(values) - 12} more" if len(values) > 12 else shown
