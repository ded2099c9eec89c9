"""What a query's columns are, without running it: the answer to `query?columns=true`, which the sf CLI reads.

Shape: {"columnMetadata": [column], "entityName", "groupBy", "idSelected", "keyPrefix"}; a parent's column holds its
fields' columns in `joinColumns`. Source: answers kept in the tests of Salesforce's own plugin-data.
"""

from datetime import UTC, datetime
from typing import Any

from local.org.schema import FieldSchema
from local.org.soql.aggregates import is_aggregate
from local.org.soql.children import child_scope
from local.org.soql.errors import MALFORMED_QUERY
from local.org.soql.grouping import is_grouped, is_plain_count
from local.org.soql.operands import resolve_operand
from local.org.soql.parser import parse
from local.org.soql.projection import selected_paths
from local.org.soql.scope import Resolved, Scope, open_scope
from local.org.soql.syntax import Call, Children, Path, Query, Selected, written
from local.org.soql.tables import Tables

_APEX_TYPES = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "double": "Double",
    "currency": "Double",
    "percent": "Double",
    "date": "Date",
    "datetime": "Datetime",
    "time": "Time",
    "address": "Address",
    "location": "Location",
    "base64": "Blob",
}  # every other type is a String
_VERSION = "66.0"  # columns hold no urls, so that none is told
_NUMBERS = frozenset({"Integer", "Double"})


def describe_columns(soql: str, org_tables: Tables) -> dict[str, Any]:
    """Return the columns in the order in which they were selected.

    Raises:
        SoqlError: The query names what is not there.
    """
    query = parse(soql)
    scope = open_scope(soql, org_tables, query, _VERSION, datetime.now(UTC))
    listed = _columns_of(scope, query, 1).as_json()
    return {
        "columnMetadata": listed,
        "entityName": scope.table.schema.name,
        "groupBy": bool(query.groups),
        "idSelected": any(each["columnName"] == "Id" for each in listed),
        "keyPrefix": scope.table.schema.key_prefix,
    }


def _columns_of(scope: Scope, query: Query, level: int) -> "_Columns":
    columns = _Columns()
    if is_grouped(query) or is_plain_count(query):
        _add_aggregates(columns, scope, query)
        return columns
    for item in query.selected:
        if isinstance(item, Children):
            inner, lookup = child_scope(scope, item.query, level)
            columns.add_children(lookup.child_relationship_name or "", _columns_of(inner, item.query, level + 1))
        elif isinstance(item, Selected):
            for path in selected_paths(scope, item, query.limit):
                columns.add(scope.resolve(path))
        else:
            message = "the columns of TYPEOF are not emulated"
            raise scope.refuse(item.relationship, message, MALFORMED_QUERY)
    return columns


class _Columns:
    """Columns by name, parents' fields gathered below their parent."""

    def __init__(self) -> None:
        self._listed: list[dict[str, Any]] = []
        self._parents: dict[str, tuple[dict[str, Any], _Columns]] = {}

    def add(self, resolved: Resolved, depth: int = 0) -> None:
        if depth == len(resolved.parents):
            self._listed.append(_field_column(resolved.name, resolved.field))
            return
        parent = resolved.parents[depth]
        if parent.name not in self._parents:
            column = _column(parent.name, foreignKeyName=parent.field_name)
            self._listed.append(column)
            self._parents[parent.name] = (column, _Columns())
        self._parents[parent.name][1].add(resolved, depth + 1)

    def add_children(self, name: str, below: "_Columns") -> None:
        self._listed.append(_column(name, aggregate=True, joinColumns=below.as_json()))

    def add_function(self, name: str, shown: str, field: FieldSchema | None) -> None:
        is_number = field is None or _apex_type(field) in _NUMBERS
        self._listed.append(_column(name, aggregate=True, displayName=shown, numberType=is_number))

    def as_json(self) -> list[dict[str, Any]]:
        for column, below in self._parents.values():
            column["joinColumns"] = below.as_json()
        return self._listed


def _add_aggregates(columns: _Columns, scope: Scope, query: Query) -> None:
    unnamed = 0
    for selected in query.selected:
        if not isinstance(selected, Selected):
            raise scope.refuse(query.object_name, "Grouped queries select fields only", MALFORMED_QUERY)
        call = selected.operand
        if isinstance(call, Path):
            columns.add(scope.resolve(call))
            continue
        name = f"expr{unnamed}" if selected.alias is None else selected.alias.text
        unnamed += selected.alias is None
        shown = f"{call.function.text.lower()}({', '.join(map(written, call.arguments))})"
        columns.add_function(name, shown, _made(scope, call))


def _made(scope: Scope, call: Call) -> FieldSchema | None:
    """Return the field whose type a function's answer has; None where that is a number anyway."""
    arguments = [resolve_operand(scope, each) for each in call.arguments]
    if not is_aggregate(call):
        return resolve_operand(scope, call).field
    return None if _counts(call) or not arguments else arguments[0].field


def _counts(call: Call) -> bool:
    return call.name.startswith("COUNT")


def _apex_type(field: FieldSchema) -> str:
    return _APEX_TYPES.get(field.type, "String")


def _field_column(name: str, field: FieldSchema) -> dict[str, Any]:
    apex_type = _apex_type(field)
    return _column(
        name,
        apexType=apex_type,
        booleanType=apex_type == "Boolean",
        custom=field.custom,
        insertable=field.createable,
        numberType=apex_type in _NUMBERS,
        textType=apex_type == "String",
        updatable=field.updateable,
    )


def _column(name: str, **facts: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "aggregate": False,
        "apexType": None,
        "booleanType": False,
        "columnName": name,
        "custom": False,
        "displayName": name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }
    return {**plain, **facts}
