"""The records that were deleted last, from an index of the version guard."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.index_query import query_index
from lockstep.domain.changes import Version
from lockstep.ports.bulk import Deletion

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DELETIONS_INDEX = "deletions"  # template.yaml: VersionGuardTable


class DynamoDbDeletions:
    """Implements `ports.load_files.Deletions`.

    Args:
        table_name: The version guard's.
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def since(self, source: str, object_name: str, at_ms: int) -> Iterator[Deletion]:
        """Query the index by source, object and time."""
        prefix = f"{source}#{object_name}"
        condition = "deleted_of = :deleted_of AND deleted_at_ms >= :since"
        values = {":deleted_of": {"S": prefix}, ":since": {"N": str(at_ms)}}
        for item in query_index(self._client, self._table, DELETIONS_INDEX, condition, values, {}):
            yield _deletion(item, len(prefix) + 1)


def _deletion(item: Mapping[str, Any], key_at: int) -> Deletion:
    stamp, event_at, received_at = (int(part) for part in item["deletion"]["S"].split("."))
    return Deletion(
        item["record"]["S"][key_at:], Version(stamp, event_at, received_at), int(item["deleted_at_ms"]["N"])
    )
