"""Which names a formula may use, and what each gives: fields, parents' fields, and the global values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from local.org.formulas.errors import FormulaError
from local.org.formulas.kinds import Kind, Typed, kind_of, reader_of
from local.org.formulas.platform_values import platform_value
from local.org.formulas.scene import Scene
from local.org.formulas.syntax import Name
from local.org.record import Record
from local.org.schema import FieldSchema, ObjectSchema, Schema

_MOST_PARENTS = 10

Find = Callable[[Scene], Record | None]


Check = Callable[[ObjectSchema, FieldSchema], None]


def not_computed(_home: ObjectSchema, field: FieldSchema) -> None:
    """Refuse every formula field and roll-up summary.

    Raises:
        FormulaError: Always.
    """
    raise FormulaError(f"{field.name} is a formula or a roll-up summary, which the local org does not compute")


@dataclass(frozen=True, slots=True)
class Scope:
    """The object that a formula belongs to, among the others, and what else the metadata define."""

    home: ObjectSchema
    schema: Schema
    permissions: frozenset[str] = field(default_factory=frozenset)
    check_computed: Check = not_computed
    """Asked of each formula field and roll-up summary that is named; raises FormulaError where it is not computed."""
    blanks_as_zero: bool = False
    """A formula field may read an empty number as 0 (`formulaTreatBlanksAs`)."""
    of_save: bool = True
    """False for formula fields and defaults, which know nothing of what was before."""
    fixed: Mapping[str, tuple[Kind, Any]] = field(default_factory=dict)
    """Values that the metadata fix, by name in small letters: `$label.x`, `$custommetadata.x__mdt.record.field__c`."""

    def resolve(self, name: Name) -> Typed:
        """Return what the name stands for.

        Raises:
            FormulaError: There is no such thing, or the local org does not hold it.
        """
        root, *rest = name.parts
        if str(name).lower() in self.fixed:
            kind, value = self.fixed[str(name).lower()]
            return Typed(kind, lambda _scene: value, value)
        if (typed := platform_value(str(name))) is not None:
            return typed
        if root.startswith("$"):
            return self._resolve_global(root, rest, name)
        return self._through(self.home, _saved, name.parts)

    def own_field(self, name: Name) -> FieldSchema:
        """Return a field of the rule's own object: those alone have a prior value.

        Raises:
            FormulaError: It is another object's, or unknown.
        """
        if len(name.parts) != 1:
            raise FormulaError(f"{name} is no field of {self.home.name} itself")
        return self._field(self.home, name.parts[0])

    def _resolve_global(self, root: str, rest: list[str], name: Name) -> Typed:
        match root.lower():
            case "$permission" if len(rest) == 1:
                return self._permission(rest[0])
            case "$user" if rest and (user := self.schema.find("User")):
                return self._through(user, _user, tuple(rest))
            case "$organization" if rest and (organization := self.schema.find("Organization")):
                return self._through(organization, _organization, tuple(rest))
            case "$setup" if len(rest) == 2 and (setting := self.schema.find(rest[0])) and setting.custom_setting:
                return self._through(setting, _setting(setting), (rest[1],))
            case "$recordtype" if rest and self.home.find("RecordTypeId"):
                return self._through(self.home, _saved, ("RecordType", *rest))
        raise FormulaError(f"the local org does not know {name}")

    def _permission(self, wanted: str) -> Typed:
        known = {each.lower(): each for each in self.permissions}
        name = known.get(wanted.lower())
        if name is None:
            raise FormulaError(f"there is no custom permission {wanted}")
        return Typed(Kind.BOOLEAN, lambda scene: name in scene.permissions)

    def _through(self, start: ObjectSchema, find: Find, parts: tuple[str, ...]) -> Typed:
        """Follow the parents named by all parts but the last."""
        if len(parts) > _MOST_PARENTS + 1:
            raise FormulaError(f"{'.'.join(parts)} goes through more than {_MOST_PARENTS} parents")
        current = start
        for relationship in parts[:-1]:
            lookup = _lookup(current, relationship)
            parent = self.schema.find(lookup.reference_to[0])
            if parent is None:
                raise FormulaError(
                    f"the local org does not hold {lookup.reference_to[0]}, the parent in {relationship}"
                )
            current, find = parent, _parent_finder(find, lookup.name)
        typed = read_field(self._field(current, parts[-1]), find)
        return _zero_for_blank(typed) if self.blanks_as_zero and typed.kind is Kind.NUMBER else typed

    def _field(self, home: ObjectSchema, name: str) -> FieldSchema:
        found = home.find(name)
        if found is None:
            raise FormulaError(f"{home.name} has no field {name}")
        kind_of(found)
        if found.calculated:
            self.check_computed(home, found)
        return found


def read_field(schema: FieldSchema, find: Find) -> Typed:
    """Return the field of the record that `find` gives; null where there is none."""
    kind = kind_of(schema)
    name, read = schema.name, reader_of(schema)

    def run(scene: Scene) -> Any:
        record = find(scene)
        kept = None if record is None else record.get(name)
        return kept if kept is None or read is None else read(kept)

    return Typed(kind, run)


def _zero_for_blank(typed: Typed) -> Typed:
    def run(scene: Scene) -> Any:
        value = typed.run(scene)
        return Decimal(0) if value is None else value

    return Typed(typed.kind, run)


def read_saved(schema: FieldSchema) -> Typed:
    """Return the field as it would be saved."""
    return read_field(schema, _saved)


def read_prior(schema: FieldSchema) -> Typed:
    """Return the field as it was; a new record's prior value is the value itself."""
    return read_field(schema, _prior)


def _saved(scene: Scene) -> Record:
    return scene.record


def _prior(scene: Scene) -> Record:
    return scene.before if scene.before is not None else scene.record


def _user(scene: Scene) -> Record | None:
    return _record(scene, scene.user_id)


def _record(scene: Scene, record_id: Any) -> Record | None:
    located = scene.store.locate(record_id) if isinstance(record_id, str) else None
    return None if located is None else located[1]


def _parent_finder(find: Find, lookup: str) -> Find:
    def parent(scene: Scene) -> Record | None:
        child = find(scene)
        return None if child is None else _record(scene, child.get(lookup))

    return parent


def _organization(scene: Scene) -> Record | None:
    return next(scene.store.records_of("Organization"), None)


def _setting(setting: ObjectSchema) -> Find:
    """Find a hierarchy setting: the user's own record, else the org's."""

    def find(scene: Scene) -> Record | None:
        by_owner = {each.get("SetupOwnerId"): each for each in scene.store.records_of(setting.name)}
        organization = _organization(scene)
        return by_owner.get(scene.user_id) or (by_owner.get(organization.get("Id")) if organization else None)

    return find


def _lookup(schema: ObjectSchema, relationship: str) -> FieldSchema:
    for each in schema.fields.values():
        if (each.relationship_name or "").lower() == relationship.lower():
            if len(each.reference_to) != 1:
                raise FormulaError(f"{relationship} of {schema.name} has parents of several objects")
            return each
    raise FormulaError(f"{schema.name} has no parent {relationship}")
