"""A rule for a field of the org, from its describe and a sample's value, and what a person must decide about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lockstep.domain.contract_fields import TYPES_BY_RULE
from lockstep.domain.describes import FieldFacts, ObjectFacts
from lockstep.domain.json_text import JsonValue
from lockstep.domain.rules.contacts import EMAIL_LENGTH, URL_LENGTH

MOST_VALUES = 30
_LONGEST_TEXT = 131_072
_NUMBERS = ("double", "currency", "percent", "int")
_HAS_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")


@dataclass(slots=True)
class Proposal:
    """A rule without its `from`, and comments; `rule` is None where only a person can write it."""

    rule: dict[str, Any] | None
    comments: list[str] = field(default_factory=list)


def writable(facts: FieldFacts) -> bool:
    """True where a rule can fill the field."""
    types = {type_ for types in TYPES_BY_RULE.values() for type_ in types}
    return facts.is_createable and facts.is_updateable and facts.type in types


def propose(facts: FieldFacts, sample: JsonValue, parents: Mapping[str, ObjectFacts | None], source: str) -> Proposal:
    """Return the rule that fits the field."""
    if facts.type == "reference":
        return _reference(facts, parents, source)
    if facts.type in ("picklist", "multipicklist"):
        return _choice(facts)
    if facts.type in _NUMBERS:
        return Proposal({"type": "number", **_digits(facts)})
    if facts.type in ("date", "datetime", "time"):
        return _moment(facts.type, sample)
    if facts.type == "boolean":
        return Proposal({"type": "boolean"})
    return _text(facts)


def _text(facts: FieldFacts) -> Proposal:
    length = min(facts.length or 255, _LONGEST_TEXT)
    if facts.type == "email":
        return Proposal({"type": "email", "max_length": min(length, EMAIL_LENGTH)})
    if facts.type == "url":
        return Proposal({"type": "url", "max_length": min(length, URL_LENGTH)})
    if facts.type == "phone":
        hint = "type: phone with region: US would bring numbers to one form"
        return Proposal({"type": "text", "max_length": length}, [hint])
    return Proposal({"type": "text", "max_length": length})


def _digits(facts: FieldFacts) -> dict[str, int]:
    if not facts.whole_digits:
        return {}
    precision = min(18, facts.whole_digits + (0 if facts.type == "int" else facts.scale))
    scale = min(facts.scale, precision - 1)
    return {"precision": precision, "scale": scale} if scale else {"precision": precision}


def _moment(type_: str, sample: JsonValue) -> Proposal:
    rule: dict[str, Any] = {"type": type_}
    is_number = isinstance(sample, int) and not isinstance(sample, bool)
    if is_number and type_ != "time":
        rule["formats"] = _epoch(abs(int(str(sample))))
    has_time = is_number or (isinstance(sample, str) and ":" in sample)
    comments = []
    if type_ == "date" and has_time:
        rule["zone"] = "UTC"
        comments.append("DECIDE: the source sends a point in time; in which zone is it a date?")
    elif type_ == "datetime" and isinstance(sample, str) and not _HAS_OFFSET.search(sample):
        rule["zone"] = "UTC"
        comments.append("DECIDE: the source's times have no offset; in which zone are they?")
    return Proposal(rule, comments)


def _epoch(number: int) -> str:
    return "epoch_us" if number > 10**14 else "epoch_ms" if number > 10**11 else "epoch_s"


def _choice(facts: FieldFacts) -> Proposal:
    type_ = "picklist" if facts.type == "picklist" else "multi_picklist"
    values = facts.values[:MOST_VALUES]
    if not values:
        return Proposal(None, [f"DECIDE: {facts.name} is a picklist without active values"])
    comments = ["DECIDE: write the source's words on the left; take away what the source does not know"]
    if len(facts.values) > MOST_VALUES:
        comments.append(f"the org has {len(facts.values)} values; these are the first {MOST_VALUES}")
    return Proposal({"type": type_, "values": {value: value for value in values}}, comments)


def _reference(facts: FieldFacts, parents: Mapping[str, ObjectFacts | None], source: str) -> Proposal:
    for name in facts.reference_to:
        parent = parents.get(name)
        key = external_id(parent, source) if parent else None
        if key is not None:
            rule = {"type": "reference", "to": name, "by": key.name}
            return Proposal(rule, [f"DECIDE: is it the source's key of the {name} that stands here?"])
    to = ", ".join(facts.reference_to) or "nothing"
    return Proposal(None, [f"DECIDE: {facts.name} points to {to}, which has no External ID of {source}"])


def external_id(target: ObjectFacts, source: str) -> FieldFacts | None:
    """Return the External ID that seems to be the source's, or the only one."""
    keys = [each for each in target.fields.values() if each.is_external_id and each.is_unique and each.is_createable]
    of_source = [each for each in keys if source.casefold() in each.name.casefold()]
    return of_source[0] if of_source else keys[0] if len(keys) == 1 else None
