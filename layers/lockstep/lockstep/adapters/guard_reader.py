"""Reads what the version guard in DynamoDB knows of records."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.batch_get import batch_get
from lockstep.domain.change_history import GuardFacts
from lockstep.domain.error_log import RecordName

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READ = ("record", "written", "claimed", "correlation_id", "lease_until_ms", "failed_at_ms")


class GuardReader:
    """Reads the guard's items.

    Args:
        table_name: As for `adapters.version_guard.DynamoDbVersionGuard`.
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def facts(self, records: Collection[RecordName]) -> list[GuardFacts]:
        """Return what is known of at most 100 records, in no order.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        record_by_key = {str(record): record for record in records}
        keys = [{"record": {"S": key}} for key in sorted(record_by_key)]
        found = batch_get(self._client, self._table, keys, _READ) if keys else []
        return [_facts(record_by_key[item["record"]["S"]], item) for item in found]


def _facts(record: RecordName, item: Mapping[str, Any]) -> GuardFacts:
    return GuardFacts(
        *record,
        version=_stamp(item, "written"),
        correlation_id=item["correlation_id"]["S"] if "correlation_id" in item else None,
        claimed=_stamp(item, "claimed"),
        held_until=_time(item, "lease_until_ms"),
        failed_at=_time(item, "failed_at_ms"),
    )


def _stamp(item: Mapping[str, Any], name: str) -> int | None:
    """Return the source's own stamp, which a sortable version begins with."""
    return int(item[name]["S"].partition(".")[0]) if name in item else None


def _time(item: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromtimestamp(int(item[name]["N"]) / 1000, UTC) if name in item else None
