"""The error log in DynamoDB as people work with it: lists, edits, and giving up."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from heapq import merge
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors
from lockstep.adapters.batch_get import batch_get
from lockstep.adapters.error_items import moment, shard_of, text_time
from lockstep.adapters.error_log import STATUS_INDEX
from lockstep.adapters.index_query import query_index
from lockstep.domain.batches import slices
from lockstep.domain.changes import Change
from lockstep.domain.error_list import OPEN_STATUSES, Abandonment, DeskNotes, Edit, EntrySummary
from lockstep.domain.error_log import EntryStatus
from lockstep.domain.messages import message_body

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEYS_PER_READ = 100  # DynamoDB API Reference, BatchGetItem
_NOTED = ("original_envelope", "edits", "abandoned_at", "abandoned_by", "abandoned_because")
_OPEN = {f":{status.name.lower()}": {"S": status.value} for status in sorted(OPEN_STATUSES)}
_IS_OPEN = f"#status IN ({', '.join(_OPEN)})"


class DynamoDbErrorDesk:
    """Implements `ports.books.EntryBooks`, and what a person may change.

    Args:
        table_name: As for `adapters.error_log.DynamoDbErrorLog`.
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def summaries(self, statuses: Collection[EntryStatus]) -> Iterator[EntrySummary]:
        """Query the index of each status, side by side."""
        listed = (self._of(status) for status in sorted(statuses))
        return merge(*listed, key=lambda entry: entry.updated_at, reverse=True)

    def _of(self, status: EntryStatus) -> Iterator[EntrySummary]:
        items = query_index(
            self._client,
            self._table,
            STATUS_INDEX,
            "#status = :status",
            {":status": {"S": status.value}},
            {"#status": "status"},
            is_backward=True,
        )
        return (_summary(item) for item in items)

    def statuses(self, correlation_ids: Collection[str]) -> Mapping[str, EntryStatus]:
        """Read in batches."""
        keys = [{"correlation_id": {"S": name}} for name in sorted(set(correlation_ids))]
        return {
            item["correlation_id"]["S"]: EntryStatus(item["status"]["S"])
            for part in slices(keys, KEYS_PER_READ)
            for item in batch_get(self._client, self._table, part, ["correlation_id", "status"])
        }

    def notes(self, correlation_id: str) -> DeskNotes:
        """Return what people did to an entry; empty where there is none.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        keys = [{"correlation_id": {"S": correlation_id}}]
        found = batch_get(self._client, self._table, keys, _NOTED)
        return _notes(found[0]) if found else DeskNotes()

    def replace_payload(self, change: Change, edit: Edit, *, after: int) -> bool:
        """Put another payload in place of an open entry's, and keep the first one beside it.

        Args:
            change: With its new payload, or a reference to it; as it goes back to the queue.
            edit: Who did it, and when.
            after: How many edits there were when the payload was read; False where there are others by now.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        fresh = {"deferrals": 0, "tries": 0, "is_logged": True, "is_unsure": False}
        made = {"at": text_time(edit.at), "by": {"S": edit.by}}
        seen = "size(edits) = :after" if after else "attribute_not_exists(edits)"
        return self._update(
            change.correlation_id,
            "SET original_envelope = if_not_exists(original_envelope, envelope), envelope = :envelope,"
            " edits = list_append(if_not_exists(edits, :none), :edit)",
            f"{_IS_OPEN} AND attribute_exists(envelope) AND {seen}",
            {
                ":envelope": {"S": message_body(change.model_copy(update=fresh))},
                ":none": {"L": []},
                ":edit": {"L": [{"M": made}]},
                **({":after": {"N": str(after)}} if after else {}),
            },
        )

    def abandon(self, correlation_id: str, abandonment: Abandonment) -> bool:
        """Let an open entry be tried no more; False where it is closed, or was never there.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        return self._update(
            correlation_id,
            "SET #status = :abandoned, abandoned_by = :by, abandoned_because = :because, abandoned_at = :at,"
            " updated_at = :at, news = :shard, needed_people = :true REMOVE due_shard, next_try_at",
            _IS_OPEN,
            {
                ":by": {"S": abandonment.by},
                ":because": {"S": abandonment.because},
                ":at": text_time(abandonment.at),
                ":shard": {"S": shard_of(correlation_id)},
                ":true": {"BOOL": True},
            },
        )

    def _update(self, name: str, update: str, condition: str, values: Mapping[str, Any]) -> bool:
        try:
            with aws_errors("writing the error log"):
                self._client.update_item(
                    TableName=self._table,
                    Key={"correlation_id": {"S": name}},
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#status": "status"},
                    ExpressionAttributeValues={**_OPEN, **values},
                )
        except ConditionNotMetError:
            return False
        return True


def _summary(item: Mapping[str, Any]) -> EntrySummary:
    next_try_at = item.get("next_try_at")
    return EntrySummary(
        correlation_id=item["correlation_id"]["S"],
        status=EntryStatus(item["status"]["S"]),
        failure_kind=item["failure_kind"]["S"],
        created_at=_time(item["created_at"]),
        updated_at=_time(item["updated_at"]),
        error_code=_text(item, "error_code") or None,
        source=_text(item, "source"),
        entity=_text(item, "entity"),
        object_name=_text(item, "object"),
        external_id=_text(item, "external_id"),
        tries=int(item["tries"]["N"]),
        next_try_at=moment(next_try_at["N"]) if next_try_at else None,
        abandoned_by=_text(item, "abandoned_by"),
    )


def _notes(item: Mapping[str, Any]) -> DeskNotes:
    edits = (each["M"] for each in item.get("edits", {}).get("L", []))
    return DeskNotes(
        original=_change(item),
        edits=tuple(Edit(_time(each["at"]), each["by"]["S"]) for each in edits),
        abandonment=Abandonment(
            _time(item["abandoned_at"]), _text(item, "abandoned_by"), _text(item, "abandoned_because")
        )
        if "abandoned_at" in item
        else None,
    )


def _change(item: Mapping[str, Any]) -> Change | None:
    try:
        return Change.model_validate_json(item["original_envelope"]["S"]) if "original_envelope" in item else None
    except ValidationError:
        return None  # another version of Lockstep wrote it


def _time(stored: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(stored["S"])


def _text(item: Mapping[str, Any], name: str) -> str:
    return str(item[name]["S"]) if name in item else ""
