"""The error log in DynamoDB: one item per change that failed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import merge
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors, call_all
from lockstep.adapters.batch_get import batch_get
from lockstep.adapters.error_items import (
    ATTRIBUTES,
    SHARDS,
    entry_of,
    logging_update,
    moment,
    ms,
    references_of,
    shard_of,
    state_of,
    text_time,
)
from lockstep.adapters.index_query import query_index
from lockstep.domain.batches import slices
from lockstep.domain.changes import PayloadReference, State
from lockstep.domain.error_log import DueRetry, EntryStatus, ErrorEntry, RecordName, Resolution
from lockstep.domain.failures import SyncError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Names of the table's indexes (template.yaml: ErrorLogTable).
DUE_INDEX, RECORD_INDEX, STATUS_INDEX, NEWS_INDEX = "due", "record", "status", "news"
ITEMS_PER_READ = 25  # BatchGetItem answers 16 MB at most, and an entry may have 200 KB

_OPEN = {f":{status.name.lower()}": {"S": status.value} for status in EntryStatus if status is not EntryStatus.RESOLVED}
_IS_OPEN = f"#status IN ({', '.join(_OPEN)})"
_GOES_WHEN_RESOLVED = "REMOVE #record, due_shard, next_try_at"
_NEEDED_NOBODY = "attribute_not_exists(needed_people)"


class DynamoDbErrorLog:
    """Implements `ports.error_log.ErrorLog`.

    Args:
        table_name: Key: `correlation_id` (S); time to live: `expires_at`; indexes as in template.yaml.
        retention_days: How long a Resolved entry is kept; an open one is kept until it is resolved.
    """

    def __init__(self, table_name: str, retention_days: int, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name
        self._retention = timedelta(days=retention_days)

    def log(self, entries: Sequence[ErrorEntry]) -> Sequence[State | None]:
        """Store each entry by a conditional write of its own."""
        return call_all(self._log, entries)

    def _log(self, entry: ErrorEntry) -> State | None:
        update, values, names = logging_update(entry)
        values |= {":pending": {"S": EntryStatus.PENDING.value}, ":retrying": {"S": EntryStatus.RETRYING.value}}
        condition = "attribute_not_exists(correlation_id) OR (#status IN (:pending, :retrying) AND #tries <= :tries)"
        try:
            self._update(entry.correlation_id, update, condition, values, names=names)
        except ConditionNotMetError as exc:
            return state_of(exc.item)
        except SyncError:
            return None
        return State(entry.status.value)

    def resolve(self, resolutions: Sequence[Resolution], now: datetime) -> Sequence[PayloadReference]:
        """Close each entry by a conditional write of its own."""
        closed = call_all(lambda resolution: self._resolve(resolution, now), resolutions)
        return [reference for item in closed for reference in references_of(item)]

    def _resolve(self, resolution: Resolution, now: datetime) -> Mapping[str, Any]:
        """Return the item where it is Resolved now, an empty one otherwise."""
        name = resolution.correlation_id
        update = "SET #status = :resolved, resolved_as = :as, updated_at = :now, expires_at = :expires"
        values = {
            ":resolved": {"S": EntryStatus.RESOLVED.value},
            ":as": {"S": resolution.resolved_as.value},
            ":now": text_time(now),
            ":expires": {"N": str(int((now + self._retention).timestamp()))},
            **_OPEN,
        }
        try:
            return self._update_telling(
                name, update, _IS_OPEN, values, removes=f" {_GOES_WHEN_RESOLVED}", names=["status", "record"]
            )
        except ConditionNotMetError as exc:
            return exc.item if exc.item.get("status") == values[":resolved"] else {}

    def _update_telling(
        self,
        name: str,
        update: str,
        condition: str,
        values: Mapping[str, Any],
        *,
        names: Sequence[str],
        removes: str = "",
    ) -> Mapping[str, Any]:
        """Update an entry, as news where it needed people before; return it.

        Raises:
            ConditionNotMetError: The condition does not hold.
            SyncError: AWS_UNAVAILABLE.
        """

        def made(news: str, more: Mapping[str, Any], also: str) -> Mapping[str, Any]:
            changed = f"{update}{news}{removes}"
            return self._update(name, changed, condition + also, {**values, **more}, names=names, is_read=True)

        try:
            return made("", {}, f" AND {_NEEDED_NOBODY}")
        except ConditionNotMetError as exc:
            if "needed_people" not in exc.item:
                raise
        return made(", news = :news", {":news": {"S": shard_of(name)}}, "")

    def due(self, now: datetime) -> Iterator[DueRetry]:
        """Read the shards page by page, side by side."""
        return merge(*(self._due_of(str(shard), now) for shard in range(SHARDS)), key=lambda due: due.next_try_at)

    def _due_of(self, shard: str, now: datetime) -> Iterator[DueRetry]:
        condition = "due_shard = :shard AND next_try_at <= :now"
        for item in self._query(DUE_INDEX, condition, {":shard": {"S": shard}, ":now": ms(now)}):
            yield DueRetry(item["correlation_id"]["S"], moment(item["next_try_at"]["N"]))

    def claim(self, due: Sequence[DueRetry], again_at: datetime) -> Sequence[ErrorEntry]:
        """Put off each by a conditional write of its own."""
        claimed = call_all(lambda each: self._claim(each, again_at), due)
        return [entry for entry in claimed if entry is not None]

    def _claim(self, due: DueRetry, again_at: datetime) -> ErrorEntry | None:
        values = {
            ":retrying": {"S": EntryStatus.RETRYING.value},
            ":seen": ms(due.next_try_at),
            ":again": ms(again_at),
        }
        condition = "#status = :retrying AND next_try_at = :seen"
        try:
            return entry_of(
                self._update(
                    due.correlation_id, "SET next_try_at = :again", condition, values, names=["status"], is_read=True
                )
            )
        except ConditionNotMetError:
            return None

    def get(self, correlation_ids: Collection[str]) -> Sequence[ErrorEntry]:
        """Read the entries in batches."""
        return [entry_of(item) for item in self._items(correlation_ids)]

    def _items(self, correlation_ids: Collection[str]) -> Iterator[Mapping[str, Any]]:
        keys = [{"correlation_id": {"S": name}} for name in sorted(set(correlation_ids))]
        for part in slices(keys, ITEMS_PER_READ):
            yield from batch_get(self._client, self._table, part, (*ATTRIBUTES, "news"))

    def open_of(self, records: Collection[RecordName]) -> Sequence[ErrorEntry]:
        """Query each record, then read what is there: no batch call queries an index."""
        found = call_all(self._names_of, sorted(set(records)))
        entries = self.get({name for names in found for name in names})
        return [entry for entry in entries if entry.status is not EntryStatus.RESOLVED]

    def _names_of(self, record: RecordName) -> list[str]:
        items = self._query(RECORD_INDEX, "#record = :record", {":record": {"S": str(record)}}, {"#record": "record"})
        return [item["correlation_id"]["S"] for item in items]

    def reopen(self, correlation_ids: Collection[str], now: datetime) -> Sequence[str]:
        """Make each due by a conditional write of its own."""
        names = sorted(set(correlation_ids))
        are_open = call_all(lambda name: self._reopen(name, now), names)
        return [name for name, is_open in zip(names, are_open, strict=True) if is_open]

    def _reopen(self, name: str, now: datetime) -> bool:
        zero, shard = {"N": "0"}, {"S": shard_of(name)}
        values = {":zero": zero, ":shard": shard, ":due": ms(now), ":now": text_time(now), **_OPEN}
        try:
            self._update_telling(
                name,
                "SET #status = :retrying, tries = :zero, due_shard = :shard, next_try_at = :due, updated_at = :now",
                f"{_IS_OPEN} AND attribute_exists(envelope)",
                values,
                names=["status"],
                removes=" REMOVE abandoned_by, abandoned_because, abandoned_at",
            )
        except ConditionNotMetError:
            return False
        return True

    def news(self, most: int) -> Sequence[ErrorEntry]:
        """Read the shards side by side, then the entries: the index may still show what was told a moment ago."""
        shards = (self._news_of(str(shard)) for shard in range(SHARDS))
        names = [name for (_, name), _ in zip(merge(*shards), range(most), strict=False)]
        entries = [entry_of(item) for item in self._items(names) if "news" in item]
        return sorted(entries, key=lambda entry: entry.updated_at)

    def _news_of(self, shard: str) -> Iterator[tuple[str, str]]:
        for item in self._query(NEWS_INDEX, "news = :shard", {":shard": {"S": shard}}):
            yield item["updated_at"]["S"], item["correlation_id"]["S"]

    def mark_told(self, entries: Sequence[ErrorEntry]) -> None:
        """Take each entry's mark away by a conditional write of its own."""
        call_all(self._mark_told, entries)

    def _mark_told(self, entry: ErrorEntry) -> None:
        values = {":seen": text_time(entry.updated_at)}
        try:
            self._update(entry.correlation_id, "REMOVE news", "updated_at = :seen", values, names=[])
        except ConditionNotMetError:
            return  # it is news again

    def _query(
        self, index: str, condition: str, values: Mapping[str, Any], names: Mapping[str, str] | None = None
    ) -> Iterator[Mapping[str, Any]]:
        return query_index(self._client, self._table, index, condition, values, names or {})

    def _update(
        self,
        name: str,
        update: str,
        condition: str,
        values: Mapping[str, Any],
        *,
        names: Sequence[str],
        is_read: bool = False,
    ) -> Mapping[str, Any]:
        aliases: dict[str, Any] = {"ExpressionAttributeNames": {f"#{each}": each for each in names}} if names else {}
        with aws_errors("writing the error log"):
            answer = self._client.update_item(
                TableName=self._table,
                Key={"correlation_id": {"S": name}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW" if is_read else "NONE",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **aliases,
            )
        return answer.get("Attributes", {})
