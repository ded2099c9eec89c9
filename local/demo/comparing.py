"""Compare the org with what it should hold: record by record, field by field."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from local.demo.expectation import Expected, RecordKey
from local.demo.org_control import ask_org
from local.stack import Stack

OBJECTS = ("Account", "Contact", "Order")
Record = dict[str, Any]
Records = dict[str, list[Record]]
ByKey = dict[RecordKey, list[Record]]


def read_org(stack: Stack) -> Records:
    """Return every record of the demo's objects, numbers exact."""
    return {name: ask_org(stack, f"records/{name}") for name in OBJECTS}


def count_api_calls(stack: Stack) -> int:
    """Count the calls that Salesforce counts against the daily limit; signing in is not one."""
    return sum(1 for call in ask_org(stack, "calls") if call["path"].startswith("/services/data"))


def differences(expected: Sequence[Expected], found: Records) -> list[str]:
    """Say each difference in a line; none means that the org holds exactly what it should."""
    by_key = _by_key(expected, found)
    told = [line for record in expected for line in _compare(record, by_key)]
    return told + list(_unexpected(expected, found, by_key))


def _by_key(expected: Sequence[Expected], found: Records) -> ByKey:
    """Find the org's records by each External ID field that is expected of their object."""
    fields = {(each.key.object_name, each.key.external_id_field) for each in expected}
    by_key: ByKey = {}
    for object_name, field in fields:
        for record in found[object_name]:
            if record[field] is not None:
                by_key.setdefault(RecordKey(object_name, field, record[field]), []).append(record)
    return by_key


def _compare(expected: Expected, by_key: ByKey) -> list[str]:
    records = by_key.get(expected.key, [])
    name = _name(expected.key)
    if len(records) != 1:
        return [f"{name}: {len(records)} records, expected 1"]
    wanted = expected.fields | {lookup: _only_id(parent, by_key) for lookup, parent in expected.parents.items()}
    return [
        f"{name}: {field} is {records[0].get(field)!r}, expected {value!r}"
        for field, value in wanted.items()
        if not _is_same(records[0].get(field), value)
    ]


def _is_same(found: Any, expected: Any) -> bool:
    is_number = isinstance(expected, int | Decimal) and not isinstance(expected, bool)
    # Never a text that merely looks like the number, and never True for 1.
    if is_number and (isinstance(found, bool) or not isinstance(found, int | Decimal)):
        return False
    return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)


def _unexpected(expected: Sequence[Expected], found: Records, by_key: ByKey) -> Iterable[str]:
    known = {record["Id"] for each in expected for record in by_key.get(each.key, [])}
    for object_name, records in found.items():
        for record in records:
            if record["Id"] not in known:
                yield f"{object_name} {record['Id']} should not be there"


def _only_id(key: RecordKey, by_key: ByKey) -> str:
    return next((record["Id"] for record in by_key.get(key, [])), f"the id of {_name(key)}")


def _name(key: RecordKey) -> str:
    return f"{key.object_name} {key.external_id_field}={key.external_id}"
