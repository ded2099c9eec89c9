"""The record types of a route's records, and the picklist values that these leave: an object's describe knows neither.

Only where every record is sure to have one of the types do their values count: a record that keeps the type that people
gave it may have another's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lockstep.domain.describes import Describes, FieldFacts, ObjectFacts, PicklistFacts, RecordTypeFacts
from lockstep.domain.record_shapes import RecordShape
from lockstep.domain.routes import Route
from lockstep.domain.rules import ConstantRule, LookupRule, Rule
from lockstep.domain.rules.choices import ChoiceRule
from lockstep.domain.rules.lookups import MatchValue

CHOICES = frozenset({"picklist", "multipicklist", "combobox"})
FIELD = "RecordTypeId"
# Each is a call: of an object with more, the payload may name any and the org itself must answer.
MOST_ASKED = 10
_SIGNIFICANT = 15  # characters of an Id; the rest says their case

PicklistKey = tuple[str, str]
"""An object, as the route writes it, and the Id of one of its record types."""


def named_record_type(record: RecordShape) -> str | None:
    """Return the Id or the DeveloperName that the route writes down, None where the payload says it."""
    rule = _rule(record)
    if isinstance(rule, ConstantRule):
        return str(rule.value)
    match = _match(rule) if rule else None
    return str(match.value) if isinstance(match, MatchValue) else None


def record_types_of(record: RecordShape, target: ObjectFacts) -> Sequence[RecordTypeFacts]:
    """Return the types of which each record has one; none where that cannot be told."""
    rule = _rule(record)
    if rule is None or not _is_always_set(rule):
        return ()
    types = [each for each in target.record_types if each.is_active and not each.is_master]
    named = named_record_type(record)
    if named is not None:
        return [each for each in types if is_called(each, named)]
    return types if len(types) <= MOST_ASKED else ()


def is_called(record_type: RecordTypeFacts, named: str) -> bool:
    """True where the name is the type's DeveloperName, in any case, or its Id."""
    return named.casefold() == record_type.name.casefold() or named[:_SIGNIFICANT] == record_type.id[:_SIGNIFICANT]


def picklists_needed(route: Route, describes: Describes) -> list[PicklistKey]:
    """Return the record types whose values matter to a route, each once."""
    needed = {
        (record.object_name, record_type.id): None
        for record in route.records.values()
        if (target := describes.get(record.object_name)) and any(_restricted_choices(record, target))
        for record_type in record_types_of(record, target)
    }
    return list(needed)


def with_picklists(describes: Describes, values: Mapping[PicklistKey, PicklistFacts | None]) -> Describes:
    """Return the describes with the values of record types; what could not be had is left out."""
    found = dict(describes)
    for (object_name, type_id), by_field in values.items():
        target = found.get(object_name)
        if target and by_field is not None:
            found[object_name] = replace(target, picklists={**target.picklists, type_id: by_field})
    return found


def for_record(record: RecordShape, target: ObjectFacts) -> ObjectFacts:
    """Return the object with only those values of restricted picklists that the record can have for its type."""
    types = record_types_of(record, target)
    known = [target.picklists[each.id] for each in types if each.id in target.picklists]
    if not types or len(known) < len(types):
        return target
    named = " or ".join(each.name for each in types)
    fields = {key: _narrowed(key, field, known, named) for key, field in target.fields.items()}
    return replace(target, fields=fields)


def _narrowed(key: str, field: FieldFacts, known: Sequence[PicklistFacts], named: str) -> FieldFacts:
    if not _is_restricted_choice(field) or not all(key in by_field for by_field in known):
        return field
    available = {value for by_field in known for value in by_field[key]}
    return replace(field, values=tuple(value for value in field.values if value in available), values_of=named)


def _restricted_choices(record: RecordShape, target: ObjectFacts) -> Iterator[bool]:
    for name, rule in record.fields.items():
        field = target.field(name)
        yield isinstance(rule, ChoiceRule | ConstantRule) and field is not None and _is_restricted_choice(field)


def _is_restricted_choice(field: FieldFacts) -> bool:
    return field.type in CHOICES and field.is_restricted


def _rule(record: RecordShape) -> Rule | None:
    return next((rule for name, rule in record.fields.items() if name.casefold() == FIELD.casefold()), None)


def _match(rule: Rule) -> object:
    matches = rule.match if isinstance(rule, LookupRule) and rule.object_name.casefold() == "recordtype" else {}
    return next((match for name, match in matches.items() if name.casefold() == "developername"), None)


def _is_always_set(rule: Rule) -> bool:
    """True where no record keeps another type, or none: the rule writes one in every update too."""
    if rule.when is not None or rule.create_only:
        return False
    if isinstance(rule, ConstantRule):
        return True
    if not isinstance(rule, LookupRule) or rule.when_missing == "clear" or _match(rule) is None:
        return False
    return rule.required or all(isinstance(match, MatchValue) for match in rule.match.values())
