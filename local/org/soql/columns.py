"""What a query's columns are, without running it: the answer to `query?columns=true`, which the sf CLI reads.

Shape: {"columnMetadata": [column], "entityName", "groupBy", "idSelected", "keyPrefix"}; a parent's column holds its
fields' columns in `joinColumns`. Source: answers kept in the tests of Salesforce's own plugin-data.
"""

from typing import Any

from local.org.schema import FieldSchema
from local.org.soql.aggregates import is_aggregate
from local.org.soql.engine import table_of
from local.org.soql.parser import parse
from local.org.soql.projection import selected_paths
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Call, Query
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
_NUMBERS = frozenset({"Integer", "Double"})


def describe_columns(soql: str, org_tables: Tables) -> dict[str, Any]:
    """Return the columns in the order in which they were selected.

    Raises:
        SoqlError: The query names what is not there.
    """
    query = parse(soql)
    table = table_of(query, org_tables)
    scope = Scope(soql, org_tables, table, query.alias.text if query.alias else None)
    columns = _Columns()
    if any(map(is_aggregate, query.selected)):
        _add_aggregates(columns, scope, query)
    else:
        for path in selected_paths(scope, query):
            columns.add(scope.resolve(path))
    listed = columns.as_json()
    return {
        "columnMetadata": listed,
        "entityName": table.schema.name,
        "groupBy": False,
        "idSelected": any(each["columnName"] == "Id" for each in listed),
        "keyPrefix": table.schema.key_prefix,
    }


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
        if not isinstance(selected, Call):
            columns.add(scope.resolve(selected))
            continue
        argument = None if selected.argument is None else scope.resolve(selected.argument)
        written = "" if selected.argument is None else ".".join(word.text for word in selected.argument.words)
        name = f"expr{unnamed}" if selected.alias is None else selected.alias.text
        unnamed += selected.alias is None
        field = argument.field if argument is not None and not _counts(selected) else None
        columns.add_function(name, f"{selected.function.text.lower()}({written})", field)


def _counts(call: Call) -> bool:
    return call.function.text.upper().startswith("COUNT")


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
