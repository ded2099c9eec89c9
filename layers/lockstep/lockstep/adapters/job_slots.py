"""Slots of ingest jobs in DynamoDB: one item per object, that names who has one and until when."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_RACES = 5


class DynamoDbJobSlots:
    """Implements `ports.load_files.JobSlots`.

    Args:
        table_name: Key: `name` (S); time to live: `expires_at`.
        slots: How many there are for each object.
        lease_s: How long a slot is had without being taken again: whoever has it may have died.
    """

    def __init__(self, table_name: str, slots: int, lease_s: int, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name
        self._slots = slots
        self._lease = timedelta(seconds=lease_s)

    def take(self, object_name: str, holder: str, now: datetime) -> bool:
        """Write the item with one holder more, where nobody has written it since it was read."""
        for _ in range(_MOST_RACES):
            holders, revision = self._read(object_name)
            alive = {name: until for name, until in holders.items() if until > _ms(now) and name != holder}
            if len(alive) >= self._slots:
                return False
            if self._write(object_name, {**alive, holder: _ms(now + self._lease)}, revision):
                return True
        return False

    def give_back(self, object_name: str, holder: str) -> None:
        """Take the holder away; where others are faster every time, its lease ends by itself."""
        for _ in range(_MOST_RACES):
            holders, revision = self._read(object_name)
            rest = {name: until for name, until in holders.items() if name != holder}
            if len(rest) == len(holders) or self._write(object_name, rest, revision):
                return

    def _read(self, object_name: str) -> tuple[dict[str, int], int]:
        with aws_errors("reading the slots of jobs"):
            item: Any = self._client.get_item(
                TableName=self._table, Key={"name": {"S": _name(object_name)}}, ConsistentRead=True
            ).get("Item", {})
        holders = {name: int(until["N"]) for name, until in item.get("holders", {}).get("M", {}).items()}
        return holders, int(item.get("revision", {}).get("N", "0"))

    def _write(self, object_name: str, holders: dict[str, int], revision: int) -> bool:
        item: dict[str, Any] = {
            "name": {"S": _name(object_name)},
            "holders": {"M": {name: {"N": str(until)} for name, until in holders.items()}},
            "revision": {"N": str(revision + 1)},
            # Without a holder it says nothing that a new item would not.
            "expires_at": {"N": str(max(holders.values(), default=0) // 1000 + 1)},
        }
        try:
            with aws_errors("writing the slots of jobs"):
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(revision) OR revision = :seen",
                    ExpressionAttributeValues={":seen": {"N": str(revision)}},
                )
        except ConditionNotMetError:
            return False
        return True


def _name(object_name: str) -> str:
    return f"bulk-jobs#{object_name}"


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
