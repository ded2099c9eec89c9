"""What a route leaves to the org: how long a text may be, how many digits a number has, the values of a picklist."""

from collections.abc import Mapping
from typing import TypeVar

from lockstep.domain.describes import Describes, FieldFacts, ObjectFacts
from lockstep.domain.external_ids import NUMBERS
from lockstep.domain.record_shapes import RecordShape
from lockstep.domain.record_types import CHOICES, for_record
from lockstep.domain.routes import Route
from lockstep.domain.rules import (
    EmailRule,
    IntegerRule,
    NumericRule,
    PhoneRule,
    ReferenceRule,
    Rule,
    TextRule,
    TextualRule,
    UrlRule,
)
from lockstep.domain.rules.choices import ChoiceRule, StubRule

_SIZED = frozenset({"string", "textarea", "email", "phone", "url", "combobox", "encryptedstring"})

Record = TypeVar("Record", bound=RecordShape)


def with_limits(route: Route, describes: Describes) -> Route:
    """Return the route with the limits of the org's fields, wherever its author has set none.

    Args:
        route: As it is written.
        describes: Of the objects that are known; where one is missing its records stay as they are written.
    """
    also = tuple(_record(each, describes) for each in route.also)
    return _record(route, describes).model_copy(update={"also": also})


def limited(rule: Rule, field: FieldFacts) -> Rule:
    """Return the rule with the limits of its field, wherever its author has set none."""
    match rule:
        case TextualRule() | EmailRule() | UrlRule() | PhoneRule():
            return rule.model_copy(update=_length(rule, field))
        case NumericRule():
            return rule.model_copy(update=_digits(rule, field))
        case ChoiceRule() if field.type in CHOICES and field.is_restricted and (field.values or field.values_of):
            return rule.limited_to(field.values)
        case _:
            return rule


def _record(record: Record, describes: Describes) -> Record:
    described = describes.get(record.object_name)
    target = for_record(record, described) if described else None
    fields = {name: _rule(name, rule, target, describes) for name, rule in record.fields.items()}
    return record.model_copy(update={"fields": fields})


def _rule(name: str, rule: Rule, target: ObjectFacts | None, describes: Describes) -> Rule:
    if isinstance(rule, ReferenceRule):
        parent = describes.get(rule.to)
        stub = rule.create_missing and parent and _stub(rule.create_missing, parent)
        return rule.model_copy(update={"create_missing": stub}) if stub else rule
    field = target.field(name) if target else None
    return limited(rule, field) if field else rule


def _stub(rules: Mapping[str, StubRule], parent: ObjectFacts) -> dict[str, StubRule]:
    fields = {name: parent.field(name) for name in rules}
    return {
        name: rule.model_copy(update=_length(rule, field))
        if isinstance(rule, TextRule) and (field := fields[name])
        else rule
        for name, rule in rules.items()
    }


def _length(rule: TextualRule | EmailRule | UrlRule | PhoneRule, field: FieldFacts) -> dict[str, int]:
    if "max_length" in rule.model_fields_set or field.type not in _SIZED or not field.length:
        return {}
    return {"max_length": min(rule.max_length or field.length, field.length)}


def _digits(rule: NumericRule, field: FieldFacts) -> dict[str, int]:
    """Fill in the digits; who says `precision` alone has said how many there are, and so the decimals only shrink."""
    said, room = rule.model_fields_set, field.whole_digits
    if field.type not in NUMBERS or not room:
        return {}
    scale = rule.scale
    if "scale" not in said and not isinstance(rule, IntegerRule):
        scale = min(scale, field.scale) if "precision" in said else field.scale
    return {"scale": scale, "precision": rule.precision if "precision" in said else room + scale}
