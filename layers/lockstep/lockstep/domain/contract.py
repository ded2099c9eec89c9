"""The contract with the org: what of a route does not fit the org's describes, all of it at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lockstep.domain.changes import CORRELATION_ID_CHARS
from lockstep.domain.contract_fields import constant_findings, rule_findings, written_fields
from lockstep.domain.contract_findings import GRANT, Finding, missing_field, no_object
from lockstep.domain.contract_parents import record_type_findings
from lockstep.domain.describes import Describes, FieldFacts, ObjectFacts
from lockstep.domain.record_shapes import RecordShape
from lockstep.domain.record_types import for_record
from lockstep.domain.routes import Mark, Route
from lockstep.domain.rules import ConstantRule, LookupRule, ReferenceRule

VERSION_DIGITS = 18
_KEY_TYPES = {"string", "email"}


@dataclass(frozen=True, slots=True)
class ContractProblem:
    """What does not fit, where, and what to do about it; a warning does not keep the route from working."""

    route: str
    path: tuple[str, ...]
    reason: str
    remedy: str
    is_warning: bool = False

    @property
    def place(self) -> str:
        """The path in the route's file, as people write it."""
        return ".".join(self.path)


def objects_of(route: Route) -> list[str]:
    """Return the objects whose describes the check needs."""
    return sorted({name for record in route.records.values() for name in _named(record)})


def _named(record: RecordShape) -> Iterator[str]:
    yield record.object_name
    for rule in record.fields.values():
        if isinstance(rule, ReferenceRule):
            yield rule.to
        elif isinstance(rule, LookupRule):
            yield rule.object_name


def check_route(name: str, route: Route, describes: Describes) -> list[ContractProblem]:
    """Return everything about the route that does not fit the org.

    Args:
        name: Of the route's file, without its ending.
        route: The route.
        describes: One entry for each of `objects_of(route)`; an object without an entry is not checked.
    """
    found = [
        ContractProblem(name, each.path, each.reason, each.remedy, each.is_warning)
        for each in _findings(route, describes)
    ]
    return sorted(found, key=lambda each: each.is_warning)


def _findings(route: Route, describes: Describes) -> Iterator[Finding]:
    for place, record in route.records.items():
        prefix = tuple(place.split(".")) if place else ()
        for each in _of_record(record, describes):
            yield replace(each, path=(*prefix, *each.path))
    target = describes.get(route.object_name)
    if target is not None:
        yield from _on_delete(route, target)


def _of_record(record: RecordShape, describes: Describes) -> Iterator[Finding]:
    if record.object_name not in describes:
        return
    target = describes[record.object_name]
    if target is None:
        yield no_object(("object",), record.object_name)
        return
    if not (target.is_createable and target.is_updateable):
        yield Finding(("object",), f"the integration user may not create and edit {target.name}", GRANT)
    yield from _key(record, target)
    yield from _version(record, target)
    yield from _change(record, target)
    yield from record_type_findings(record, target)
    yield from _fields(record, for_record(record, target), describes)


def _key(route: RecordShape, target: ObjectFacts) -> Iterator[Finding]:
    path = ("external_id", "field")
    field = target.field(route.external_id.field)
    if field is None:
        yield missing_field(path, route.external_id.field, target)
    elif not (field.is_external_id or field.is_id_lookup):
        yield Finding(path, f"{field.name} is no External ID", "mark it as External ID in the org")
    elif not field.is_unique:
        reason = f"{field.name} is not unique: two records could have one key"
        yield Finding(path, reason, "set Unique (case sensitive) on the field")
    elif not field.is_createable:
        yield Finding(path, f"the integration user may not write {field.name}", GRANT)
    else:
        yield from _loose_key(path, field)


def _loose_key(path: tuple[str, ...], field: FieldFacts) -> Iterator[Finding]:
    if field.type not in _KEY_TYPES:
        reason = f"{field.name} is a {field.type} and not text: leading zeros of a key are lost"
        yield Finding(path, reason, "use a text field", is_warning=True)
    elif not field.is_case_sensitive and field.type == "string":
        reason = f"{field.name} ignores case: the keys a1 and A1 are one record"
        yield Finding(
            path, reason, "set `case sensitive` on the field, unless the keys have no letters", is_warning=True
        )


def _version(route: RecordShape, target: ObjectFacts) -> Iterator[Finding]:
    if route.version_field is None:
        return
    path = ("version_field",)
    field = target.field(route.version_field)
    if field is None:
        yield missing_field(path, route.version_field, target)
    elif (field.type, field.precision, field.scale) != ("double", VERSION_DIGITS, 0):
        given = f"{field.type}({field.precision}, {field.scale})" if field.precision else field.type
        reason = f"{field.name} is {given}: versions would not fit"
        yield Finding(path, reason, f"make it a Number with {VERSION_DIGITS} digits and no decimals")
    elif not (field.is_createable and field.is_updateable):
        yield Finding(path, f"the integration user may not write {field.name}", GRANT)


def _change(route: RecordShape, target: ObjectFacts) -> Iterator[Finding]:
    if route.change_field is None:
        return
    path = ("change_field",)
    field = target.field(route.change_field)
    if field is None:
        yield missing_field(path, route.change_field, target)
    elif field.type != "string" or field.length < CORRELATION_ID_CHARS:
        reason = f"{field.name} is {field.type}({field.length}): the name of a change does not fit"
        yield Finding(path, reason, f"make it a Text field of {CORRELATION_ID_CHARS} characters")
    elif field.is_unique:
        reason = f"{field.name} is unique, and one change may write several records"
        yield Finding(path, reason, "take Unique off the field")
    elif not (field.is_createable and field.is_updateable):
        yield Finding(path, f"the integration user may not write {field.name}", GRANT)


def _on_delete(route: Route, target: ObjectFacts) -> Iterator[Finding]:
    if isinstance(route.on_delete, Mark):
        for name, value in route.on_delete.mark.items():
            path = ("on_delete", "mark", name)
            field = target.field(name)
            if field is None:
                yield missing_field(path, name, target)
            elif not field.is_updateable:
                yield Finding(path, f"the integration user may not write {field.name}", GRANT)
            else:
                yield from constant_findings(path, value, field)
    elif route.on_delete == "delete" and not target.is_deletable:
        yield Finding(("on_delete",), f"the integration user may not delete {target.name}", GRANT)


def _fields(route: RecordShape, target: ObjectFacts, describes: Describes) -> Iterator[Finding]:
    meant: set[str | None] = set()
    for name, rule in route.fields.items():
        for path, written in written_fields(("fields", name), name, rule):
            field = target.field(written)
            if field is None:
                meant.add(target.nearest(written))
                yield missing_field(path, written, target)
            elif not (field.is_createable and (field.is_updateable or rule.create_only)):
                remedy = _CREATE_ONLY_REMEDY if field.is_createable else _WRITE_REMEDY
                yield Finding(path, f"{field.name} cannot be written: {_why_not(field)}", remedy)
            elif isinstance(rule, ConstantRule):
                yield from constant_findings((*path, "value"), rule.value, field)
            else:
                yield from rule_findings(path, rule, field, describes)
    yield from _unmapped(route, target, meant)


_CREATE_ONLY_REMEDY = "say `create_only: true`, map another field, or grant the right to edit it"
_WRITE_REMEDY = "map another field, or grant the integration user the right to edit it"


def _why_not(field: FieldFacts) -> str:
    if field.is_createable:
        return "it can be set when a record is created, and not later"
    if field.is_updateable:
        return "it cannot be set when a record is created"
    return "it is read only, or the integration user may not edit it"


def _unmapped(route: RecordShape, target: ObjectFacts, meant: set[str | None]) -> Iterator[Finding]:
    """Find what the org requires; a field that is meant by a misspelled one is not told twice."""
    own = set(route.own_fields)
    written = [each for name, rule in route.fields.items() for _, each in written_fields((), name, rule)]
    mapped = {name.casefold() for name in (*written, *own, *meant) if name}
    rules = {name.casefold(): rule for name, rule in route.fields.items()}
    for key, field in target.fields.items():
        if not field.is_required:
            continue
        if key not in mapped:
            reason = f"{target.name} requires {field.name}, and the route does not fill it"
            yield Finding(("fields", field.name), reason, f"add a rule (or a constant) for {field.name}")
        elif key in rules and not getattr(rules[key], "required", True):
            reason = f"{target.name} requires {field.name}, and the payload may come without it"
            yield Finding(("fields", _spelled(route, key)), reason, "say `required: true`", is_warning=True)


def _spelled(route: RecordShape, key: str) -> str:
    return next(name for name in route.fields if name.casefold() == key)
