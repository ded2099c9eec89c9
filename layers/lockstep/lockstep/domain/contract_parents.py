"""Whether the record that a lookup names can be found."""

from collections.abc import Iterator, Mapping

from lockstep.domain.contract_findings import Finding, missing_field, no_object
from lockstep.domain.describes import FieldFacts, ObjectFacts
from lockstep.domain.names import relationship_of
from lockstep.domain.record_shapes import RecordShape
from lockstep.domain.record_types import FIELD, is_called, named_record_type
from lockstep.domain.rules import LookupRule, ReferenceRule


def _folded(names: tuple[str, ...]) -> set[str]:
    return {name.casefold() for name in names}


def _points_elsewhere(path: tuple[str, ...], name: str, field: FieldFacts) -> Finding:
    reason = f"{field.name} points to {', '.join(field.reference_to) or 'nothing'}, not to {name}"
    return Finding(path, reason, "name the object that the lookup points to")


def reference_findings(
    path: tuple[str, ...], rule: ReferenceRule, field: FieldFacts, parents: Mapping[str, ObjectFacts | None]
) -> Iterator[Finding]:
    """Compare a reference with the lookup field and the parent that it names."""
    if rule.to.casefold() not in _folded(field.reference_to):
        yield _points_elsewhere((*path, "to"), rule.to, field)
        return
    relationship = rule.relationship or relationship_of(field.name)
    if field.relationship and (relationship or "").casefold() != field.relationship.casefold():
        reason = f"the relationship of {field.name} is {field.relationship}, not {relationship}"
        yield Finding((*path, "relationship"), reason, f"say relationship: {field.relationship}")
    if rule.to in parents:
        yield from _parent_key((*path, "by"), rule, parents[rule.to])
        yield from _made_parent((*path, "create_missing"), rule, parents[rule.to])


def _made_parent(path: tuple[str, ...], rule: ReferenceRule, parent: ObjectFacts | None) -> Iterator[Finding]:
    """Look whether a missing parent could be made with what the rule says of it."""
    if rule.create_missing is None or parent is None:
        return
    for name in rule.create_missing:
        field = parent.field(name)
        if field is None:
            yield missing_field((*path, name), name, parent)
        elif not field.is_createable:
            reason = f"{parent.name}.{field.name} cannot be set in a new record"
            yield Finding((*path, name), reason, "take it away, or grant the right to edit it")
    filled = {name.casefold() for name in (*rule.create_missing, rule.by)}
    for key, field in parent.fields.items():
        if field.is_required and key not in filled:
            reason = f"{parent.name} requires {field.name}, and create_missing does not fill it"
            yield Finding((*path, field.name), reason, f"add a rule (or a constant) for {field.name}")


def lookup_findings(
    path: tuple[str, ...], rule: LookupRule, field: FieldFacts, parents: Mapping[str, ObjectFacts | None]
) -> Iterator[Finding]:
    """Compare a lookup by query with the lookup field and the object that is searched."""
    if rule.object_name.casefold() not in _folded(field.reference_to):
        yield _points_elsewhere((*path, "object"), rule.object_name, field)
    elif rule.object_name in parents:
        target = parents[rule.object_name]
        if target is None:
            yield no_object((*path, "object"), rule.object_name)
        else:
            yield from _match(path, rule, target)


def record_type_findings(record: RecordShape, target: ObjectFacts) -> Iterator[Finding]:
    """Look for the record type that the route names; of those that the payload names nothing is known."""
    named = named_record_type(record)
    if (
        named is None
        or not target.record_types
        or any(is_called(each, named) for each in target.record_types if each.is_active)
    ):
        return
    listed = ", ".join(each.name for each in target.record_types if each.is_active)
    reason = f"{target.name} has no active record type {named!r}"
    yield Finding(("fields", FIELD), reason, f"name one of: {listed}; or add it in the org")


def _match(path: tuple[str, ...], rule: LookupRule, target: ObjectFacts) -> Iterator[Finding]:
    """Look for the fields of `match`; of a parent's field only the way to the parent is known."""
    relationships = {field.relationship.casefold() for field in target.fields.values() if field.relationship}
    for name in rule.match:
        first, dot, _ = name.partition(".")
        if dot and first.casefold() not in relationships:
            reason = f"{target.name} has no relationship {first}"
            yield Finding((*path, "match", name), reason, "name the relationship as queries do, such as Product2")
        elif not dot and target.field(name) is None:
            yield missing_field((*path, "match", name), name, target)


def _parent_key(path: tuple[str, ...], rule: ReferenceRule, parent: ObjectFacts | None) -> Iterator[Finding]:
    field = parent.field(rule.by) if parent else None
    if parent is None:
        yield no_object((*path[:-1], "to"), rule.to)
    elif field is None:
        yield missing_field(path, rule.by, parent)
    elif not (field.is_external_id or field.is_id_lookup):
        yield Finding(path, f"{parent.name}.{field.name} is no External ID", "mark it as External ID in the org")
    elif not field.is_unique:
        reason = f"{parent.name}.{field.name} is not unique: a child could not tell its parents apart"
        yield Finding(path, reason, "set Unique on the field", is_warning=True)
