"""Counts what a run asks of AWS, at botocore's one door.

A write unit is 1 KB of the larger of the item before and after, begun units whole, and a refused write costs as much;
a consistent read unit is 4 KB of the item. Sizes are computed from the items as DynamoDB's documentation counts them,
because moto's own ConsumedCapacity is a constant. A request to SQS is each begun 64 KB of it.
"""

import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from moto.dynamodb.models import dynamodb_backends as moto_dynamodb
from moto.dynamodb.models.dynamo_type import DynamoType

MESSAGES_PER_POLL = 10  # Lambda's pollers receive and delete by ten
_WRITES = frozenset({"UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem"})
_WRITE_UNIT_BYTES, _READ_UNIT_BYTES, _SQS_UNIT_BYTES = 1024, 4096, 65_536
_ACCOUNT, _REGION = "123456789012", "us-east-1"
_KEY_BY_TABLE = {"change-log": "correlation_id"}  # of the tables that whole items are put into
_call = vars(BaseClient)["_make_api_call"]


@dataclass
class AwsUse:
    """What was spent: units by table, requests by service, the messages that were sent, the largest item in bytes."""

    write_units: Counter[str] = field(default_factory=Counter)
    read_units: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    messages: list[str] = field(default_factory=list)
    largest_item: int = 0

    @property
    def requests_in_all(self) -> int:
        """Of DynamoDB and SQS: what the guard, the books and the queue take."""
        return self.requests["dynamodb"] + self.sqs_requests

    @property
    def sqs_requests(self) -> int:
        """Sends by the functions, receives and deletes by Lambda on their behalf."""
        return self.requests["sqs"] + 2 * math.ceil(len(self.messages) / MESSAGES_PER_POLL)


@contextmanager
def counted() -> Iterator[AwsUse]:
    """Count the calls of this block; one at a time, because moto is no server."""
    use, lock = AwsUse(), threading.RLock()

    def call(client: Any, operation: str, parameters: Any) -> Any:
        with lock:
            service = client.meta.service_model.service_name
            count = {"dynamodb": _dynamodb, "sqs": _sqs}.get(service, _any)
            use.requests[service] += 1
            return count(use, lambda name, values: _call(client, name, values), (operation, parameters))

    with patch.object(BaseClient, "_make_api_call", call):
        yield use


_Call = Callable[[str, Any], Any]


def _dynamodb(use: AwsUse, call: _Call, wanted: tuple[str, Any]) -> Any:
    operation, parameters = wanted
    keys = _keys(operation, parameters)
    before = [_stored_bytes(table, key) for table, key in keys]
    try:
        return call(operation, parameters)
    finally:  # a refused write costs as much
        for (table, key), size in zip(keys, before, strict=True):
            larger = max(size, _stored_bytes(table, key))
            use.largest_item = max(use.largest_item, larger)
            if operation in _WRITES:
                use.write_units[table] += _units(larger, _WRITE_UNIT_BYTES)
            else:
                use.read_units[table] += _units(larger, _READ_UNIT_BYTES)


def _keys(operation: str, parameters: Any) -> list[tuple[str, str]]:
    """Return the items that a call asks for, by table and the value of the key."""
    if operation == "BatchGetItem":
        return [(table, _text(key)) for table, asked in parameters["RequestItems"].items() for key in asked["Keys"]]
    if operation == "BatchWriteItem":
        puts = [
            (table, each["PutRequest"]["Item"]) for table, asked in parameters["RequestItems"].items() for each in asked
        ]
        return [(table, item[_KEY_BY_TABLE[table]]["S"]) for table, item in puts]
    if operation == "PutItem":
        return [(parameters["TableName"], parameters["Item"]["name"]["S"])]
    if operation in ("UpdateItem", "GetItem", "DeleteItem"):
        return [(parameters["TableName"], _text(parameters["Key"]))]
    raise NotImplementedError(f"what {operation} costs is not counted")


def _text(key: Mapping[str, Any]) -> str:
    (value,) = key.values()
    return str(value["S"])


def _stored_bytes(table: str, key: str) -> int:
    item = moto_dynamodb[_ACCOUNT][_REGION].tables[table].get_item(DynamoType({"S": key}))
    return item_bytes(item.to_json()["Attributes"]) if item else 0


def _sqs(use: AwsUse, call: _Call, wanted: tuple[str, Any]) -> Any:
    operation, parameters = wanted
    bodies = [entry["MessageBody"] for entry in parameters.get("Entries", [])]
    use.requests["sqs"] += _units(sum(map(len, bodies)), _SQS_UNIT_BYTES) - 1
    use.messages += bodies
    return call(operation, parameters)


def _any(_use: AwsUse, call: _Call, wanted: tuple[str, Any]) -> Any:
    return call(*wanted)


def _units(size: int, of_bytes: int) -> int:
    return max(1, math.ceil(size / of_bytes))


def item_bytes(item: Mapping[str, Any]) -> int:
    """Return an item's size in bytes (Amazon DynamoDB Developer Guide, item sizes and formats)."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return math.ceil(len(value.strip("-0.")) / 2) + 1
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in value)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in value.items())
        case _:
            return 1
