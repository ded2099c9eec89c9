"""Finds what each column of an upload stands for; a column that stands for nothing fails the whole job."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from local.org.bulk.words import JobFaultError, Operation
from local.org.errors import DeserializeError
from local.org.numbers import round_half_up
from local.org.schema import FieldSchema, ObjectSchema
from local.org.store import Store
from local.org.table import Column, Table
from local.org.values import Accept

_DOUBLES = frozenset({"double", "currency", "percent"})
_SURE_INT_DIGITS, _SURE_DOUBLE_DIGITS, _MOST_PRECISION, _USUAL_DECIMALS = 9, 15, 18, 2
_PLAIN_TEXTS = frozenset({"string", "textarea", "phone", "url"})
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class PlainColumn(NamedTuple):
    """A field of the job's object.

    A text that has no more than `most_characters` is kept as it is. Cells that, with a comma after each, match
    `numerals` are what `of_numerals` makes of them: they are plain to see, and in range.
    """

    place: int
    column: Column
    accept: Accept
    most_characters: int
    numerals: re.Pattern[str] | None
    of_numerals: Callable[[Sequence[str]], list[Any]]


class ParentColumn(NamedTuple):
    """A lookup whose record is named by a field of its own, as in `Account.ERP_Id__c`."""

    place: int
    column: Column
    field_name: str
    object_name: str | None


class Header(NamedTuple):
    """The columns of an upload by kind; `names` are as sent, `places` count from 0."""

    names: tuple[str, ...]
    plain: tuple[PlainColumn, ...]
    parents: tuple[ParentColumn, ...]
    id_place: int | None
    double_places: tuple[int, ...]


def read_header(store: Store, table: Table, operation: Operation, names: Sequence[str]) -> Header:
    """Return what the columns stand for.

    Raises:
        JobFaultError: A column that is unknown or given twice, or more than ids in a delete.
    """
    if names:
        _check_names(operation, names)
    plain, parents, id_place = [], [], None
    for place, name in enumerate(names):
        if name.lower() == "id":
            id_place = place
        elif "." in name:
            parents.append(_parent(store, table, place, name))
        else:
            plain.append(_plain(table, place, name))
    doubles = tuple(each.place for each in plain if each.column.field.type in _DOUBLES)
    return Header(tuple(names), tuple(plain), tuple(parents), id_place, doubles)


def _check_names(operation: Operation, names: Sequence[str]) -> None:
    if operation in {Operation.DELETE, Operation.HARD_DELETE} and [name.lower() for name in names] != ["id"]:
        raise JobFaultError(f"InvalidBatch : The '{operation}' batch must contain only ids")
    for name, count in Counter(name.lower() for name in names).items():
        if count > 1:
            raise JobFaultError(f"InvalidBatch : Field name given more than once : {name}")


def _plain(table: Table, place: int, name: str) -> PlainColumn:
    column = table.column(name)
    if column is None or column.field.type == "address":
        raise _unknown(name)
    field = column.field
    accept = _boolean if field.type == "boolean" else column.accept
    most_characters = field.length if field.type in _PLAIN_TEXTS else 0
    return PlainColumn(place, column, accept, most_characters, *_numerals(field))


def _numerals(field: FieldSchema) -> tuple[re.Pattern[str] | None, Callable[[Sequence[str]], list[Any]]]:
    """Return the numerals that the field takes, whatever their digits, and what it keeps of them."""
    if field.type == "int":
        return _each_of(min(field.digits or _SURE_INT_DIGITS, _SURE_INT_DIGITS), 0), _whole_numbers
    if field.type in _DOUBLES:
        # One digit fewer than there is room for: rounding may add one.
        most_whole = (field.precision or _MOST_PRECISION) - field.scale - 1
        decimals = max(field.scale, _USUAL_DECIMALS)
        return _each_of(min(most_whole, _SURE_DOUBLE_DIGITS - decimals), decimals), partial(_doubles, field.scale)
    return None, _whole_numbers


def _whole_numbers(cells: Sequence[str]) -> list[int]:
    return [*map(int, cells)]


def _doubles(scale: int, cells: Sequence[str]) -> list[float]:
    return [each if each.is_integer() else round_half_up(each, scale) for each in map(float, cells)]


def _each_of(most_whole: int, most_decimals: int) -> re.Pattern[str] | None:
    """Return a pattern that never goes back, for cells with a comma after each."""
    if most_whole < 1:
        return None
    decimals = rf"(?:\.[0-9]{{1,{most_decimals}}}+)?+" if most_decimals else ""
    return re.compile(rf"(?:[0-9]{{1,{most_whole}}}+{decimals},)*+")


def _boolean(cell: str) -> bool:
    value = _BOOLEANS.get(cell.lower())
    if value is None:
        raise DeserializeError("boolean", cell)
    return value


def _parent(store: Store, table: Table, place: int, name: str) -> ParentColumn:
    """Read `Relationship.Field`, or `Object:Relationship.Field` where the lookup has several targets."""
    path, _, field_name = name.partition(".")
    object_name, _, relationship = path.rpartition(":")
    field = _lookup(table.schema, relationship)
    if field is None:
        raise JobFaultError(f"InvalidBatch : Unable to find relationship: {relationship}")
    target = _target(store, field, object_name)
    key = target.column(field_name)
    if key is None:
        raise _unknown(name)
    if key.index is None and key.field.name != "Id":
        raise no_key(target.schema, field_name)
    return ParentColumn(place, table.use(field), key.field.name, target.schema.name if object_name else None)


def _lookup(schema: ObjectSchema, relationship: str) -> FieldSchema | None:
    wanted = relationship.lower()
    return next((each for each in schema.fields.values() if (each.relationship_name or "").lower() == wanted), None)


def _target(store: Store, field: FieldSchema, object_name: str) -> Table:
    relationship = field.relationship_name
    if object_name and len(field.reference_to) == 1:
        message = f"type is not needed for non polymorphic foreign key references: {relationship}"
        raise JobFaultError(f"InvalidBatch : {message}")
    if not object_name and len(field.reference_to) > 1:
        raise JobFaultError(f"InvalidBatch : type is needed for polymorphic foreign key references: {relationship}")
    table = store.table(object_name or field.reference_to[0])
    if table is None or table.schema.name not in field.reference_to:
        raise JobFaultError(f"InvalidBatch : Unable to find relationship: {object_name}:{relationship}")
    return table


def _unknown(name: str) -> JobFaultError:
    return JobFaultError(f"InvalidBatch : Field name not found : {name}")


def no_key(schema: ObjectSchema, field_name: str) -> JobFaultError:
    """Return the fault of a field that records cannot be found by."""
    return JobFaultError(
        f"InvalidBatch : Field name provided, {field_name} does not match an External ID, Salesforce Id, "
        f"or indexed field for {schema.name}"
    )
