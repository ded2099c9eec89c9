"""Finds the fields that a query's paths name, through parents where they lead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.org.schema import FieldSchema, ObjectSchema
from local.org.soql.errors import INVALID_FIELD, INVALID_TYPE, SoqlError, error_at
from local.org.soql.syntax import Path, Query, Word
from local.org.soql.tables import Record, Table, Tables

MAX_PARENTS = 5
_KEY_PREFIX_LENGTH = 3
_REFERENCE = "If you are attempting to use a custom {kind}, be sure to append the '{suffix}' after the {thing} name. \
Please reference your WSDL or the describe call for the appropriate names."

_Get = Callable[[Record], Any]
_GetParent = Callable[[Record], Record | None]


@dataclass(frozen=True, slots=True)
class Parent:
    """One step to a parent: its relationship's name, the field that holds its id, what it may be, how to get there."""

    name: str
    field_name: str
    schemas: tuple[ObjectSchema, ...]
    get: _GetParent

    def object_name(self, record: Record) -> str:
        """Return the name of the object that a parent record is of."""
        prefix = record.get("Id")[:_KEY_PREFIX_LENGTH]
        return next((each.name for each in self.schemas if each.key_prefix == prefix), self.schemas[0].name)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A field that a path names; `get_here` reads it from the last parent, `get` from the query's own record."""

    field: FieldSchema
    name: str
    parents: tuple[Parent, ...]
    get_here: _Get
    get: _Get


def open_scope(soql: str, tables: Tables, query: Query, version: str, now: datetime) -> "Scope":
    """Return the scope of a query over the object that it names.

    Raises:
        SoqlError: INVALID_TYPE.
    """
    table = tables.table(query.object_name.text)
    if table is None or "queryable" not in table.schema.capabilities:
        message = (
            f"sObject type '{query.object_name.text}' is not supported. If you are attempting to use a custom object, "
            "be sure to append the '__c' after the entity name. "
            "Please reference your WSDL or the describe call for the appropriate names."
        )
        raise error_at(soql, INVALID_TYPE, message, query.object_name.position)
    return Scope(soql, tables, table, query.alias.text if query.alias else None, version, now)


@dataclass(frozen=True, slots=True)
class Scope:
    """The object of a query, with its tables, and the text of the whole statement for the messages.

    `version` is that which the records' urls name; TODAY and its kin start from `now`.
    """

    soql: str
    tables: Tables
    table: Table
    alias: str | None
    version: str
    now: datetime

    def within(self, query: Query) -> "Scope":
        """Return the scope of a query within this one, over the object that it names.

        Raises:
            SoqlError: INVALID_TYPE.
        """
        return open_scope(self.soql, self.tables, query, self.version, self.now)

    def refuse(self, word: Word, message: str, error_code: str = INVALID_FIELD) -> SoqlError:
        """Return the refusal that points to a word of the query."""
        return error_at(self.soql, error_code, message, word.position)

    def resolve(self, path: Path) -> Resolved:
        """Return the field that the path names.

        Raises:
            SoqlError: INVALID_FIELD, pointing to the word that no object knows.
        """
        words = self._without_alias(path.words)
        if len(words) - 1 > MAX_PARENTS:
            raise self.refuse(words[0], f"a field path can lead through at most {MAX_PARENTS} parents")
        parents: list[Parent] = []
        schemas: tuple[ObjectSchema, ...] = (self.table.schema,)
        for word in words[:-1]:
            parents.append(self._parent(schemas, word))
            schemas = parents[-1].schemas
        return self._field(schemas, words[-1], tuple(parents))

    def _without_alias(self, words: Sequence[Word]) -> Sequence[Word]:
        """Drop a first word that only names the query's object."""
        first = words[0].text.lower()
        if len(words) > 1 and self.alias is not None and first == self.alias.lower():
            return words[1:]
        is_own_name = first == self.table.schema.name.lower() and _reference(self.table.schema, first) is None
        return words[1:] if len(words) > 1 and is_own_name else words

    def parent(self, word: Word) -> Parent:
        """Return the step to the parent that a relationship's name leads to.

        Raises:
            SoqlError: INVALID_FIELD.
        """
        return self._parent((self.table.schema,), word)

    def _parent(self, schemas: Sequence[ObjectSchema], word: Word) -> Parent:
        for schema in schemas:
            field = _reference(schema, word.text)
            if field is not None:
                targets = [table for name in field.reference_to if (table := self.tables.table(name)) is not None]
                if targets:
                    return _parent_step(field, targets)
        hint = _REFERENCE.format(kind="relationship", suffix="__r", thing="custom relationship")
        raise self.refuse(word, f"Didn't understand relationship '{word.text}' in field path. {hint}")

    def _field(self, schemas: Sequence[ObjectSchema], word: Word, parents: tuple[Parent, ...]) -> Resolved:
        if len(schemas) > 1 and word.text.lower() == "type":
            type_field = FieldSchema(name="Type", label="Type", type="string")
            return Resolved(type_field, "Type", parents, parents[-1].object_name, _through(parents, None))
        for schema in schemas:
            field = schema.find(word.text)
            if field is not None:
                return Resolved(field, field.name, parents, _getter(field.name), _through(parents, field.name))
        hint = _REFERENCE.format(kind="field", suffix="__c", thing="custom field")
        message = f"No such column '{word.text}' on entity '{schemas[0].name}'. {hint}"
        raise self.refuse(word, message)


def _reference(schema: ObjectSchema, relationship: str) -> FieldSchema | None:
    wanted = relationship.lower()
    for field in schema.fields.values():
        if field.reference_to and (field.relationship_name or "").lower() == wanted:
            return field
    return None


def _parent_step(field: FieldSchema, targets: Sequence[Table]) -> Parent:
    table_by_prefix = {table.schema.key_prefix: table for table in targets}

    def get(record: Record) -> Record | None:
        record_id = record.get(field.name)
        table = None if record_id is None else table_by_prefix.get(record_id[:_KEY_PREFIX_LENGTH])
        return None if table is None else table.by_id(record_id)

    return Parent(field.relationship_name or "", field.name, tuple(table.schema for table in targets), get)


def _getter(name: str) -> _Get:
    return lambda record: record.get(name)


def _through(parents: Sequence[Parent], name: str | None) -> _Get:
    """Return what reads a field of the last parent (its object's name where `name` is None), null when one is."""
    get_here = parents[-1].object_name if name is None else _getter(name)
    if not parents:
        return get_here

    def get(record: Record) -> Any:
        here = record
        for parent in parents:
            above = parent.get(here)
            if above is None:
                return None
            here = above
        return get_here(here)

    return get
