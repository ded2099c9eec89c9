"""Loads and their chunks in DynamoDB: one item for each, replaced by a conditional write."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors
from lockstep.domain.chunks import Chunk
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.loads import Load
from lockstep.domain.model import Stored

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LOAD = "#load"
_CHUNKS = "chunk#"
_LISTED = "loads"  # the one key of the index: loads are few
RECENT_INDEX = "recent"

Kept = TypeVar("Kept", bound=Stored)


class DynamoDbLoadBook:
    """Implements `ports.loads.LoadBook`.

    Args:
        table_name: Key: `load_id` (S), `part` (S); index `recent` of loads: `listed` (S), `started_at` (S).
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def load(self, load_id: str) -> Load | None:
        """Read the load's item."""
        return self._read(Load, load_id, _LOAD)

    def save_load(self, load: Load) -> bool:
        """Write the load's item where the revision before it is stored."""
        listed = {"listed": {"S": _LISTED}, "started_at": {"S": load.started_at.isoformat()}}
        return self._save(load, load.load_id, _LOAD, listed)

    def chunk(self, load_id: str, number: int) -> Chunk | None:
        """Read the chunk's item."""
        return self._read(Chunk, load_id, _part(number))

    def save_chunk(self, chunk: Chunk) -> bool:
        """Write the chunk's item where the revision before it is stored."""
        return self._save(chunk, chunk.load_id, _part(chunk.number), {})

    def chunks(self, load_id: str) -> Iterator[Chunk]:
        """Query the load's items."""
        query: dict[str, Any] = {
            "KeyConditionExpression": "load_id = :load AND begins_with(part, :chunks)",
            "ExpressionAttributeValues": {":load": {"S": load_id}, ":chunks": {"S": _CHUNKS}},
            "ConsistentRead": True,
        }
        while True:
            page = self._query(query)
            yield from (_parsed(Chunk, item) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def recent(self, most: int) -> Sequence[Load]:
        """Query the index."""
        page = self._query(
            {
                "IndexName": RECENT_INDEX,
                "KeyConditionExpression": "listed = :listed",
                "ExpressionAttributeValues": {":listed": {"S": _LISTED}},
                "ScanIndexForward": False,
                "Limit": most,
            }
        )
        return [_parsed(Load, item) for item in page["Items"]]

    def _query(self, query: dict[str, Any]) -> Any:
        with aws_errors("reading the loads"):
            return self._client.query(TableName=self._table, **query)

    def _read(self, kind: type[Kept], load_id: str, part: str) -> Kept | None:
        with aws_errors("reading a load"):
            item = self._client.get_item(
                TableName=self._table, Key={"load_id": {"S": load_id}, "part": {"S": part}}, ConsistentRead=True
            ).get("Item")
        return _parsed(kind, item) if item else None

    def _save(self, kept: Stored, load_id: str, part: str, more: dict[str, Any]) -> bool:
        before = kept.revision - 1
        condition = "attribute_not_exists(revision)" if before == 0 else "revision = :before"
        values = {} if before == 0 else {"ExpressionAttributeValues": {":before": {"N": str(before)}}}
        try:
            with aws_errors("storing a load"):
                self._client.put_item(
                    TableName=self._table,
                    Item={
                        "load_id": {"S": load_id},
                        "part": {"S": part},
                        "revision": {"N": str(kept.revision)},
                        "content": {"S": kept.model_dump_json(exclude_defaults=True)},
                        **more,
                    },
                    ConditionExpression=condition,
                    **values,  # type: ignore[arg-type]
                )
        except ConditionNotMetError:
            return False
        return True


def _part(number: int) -> str:
    return f"{_CHUNKS}{number:09d}"


def _parsed(kind: type[Kept], item: Any) -> Kept:
    try:
        return kind.model_validate_json(item["content"]["S"])
    except ValidationError as exc:
        named = f"{item['load_id']['S']} {item['part']['S']}"
        raise SyncError(
            FailureKind.CONFIGURATION_INVALID,
            f"the item {named} of the load table cannot be read; was it written by a newer version of Lockstep?",
        ) from exc
