"""Reads the change log in DynamoDB: one change with its steps, or all of them, page by page."""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors
from lockstep.adapters.batch_get import batch_get
from lockstep.domain.accounts import BookedChange
from lockstep.domain.batches import slices
from lockstep.domain.change_history import ChangeHistory, ChangeStep
from lockstep.ports.books import BookPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SEGMENTS = 4  # read side by side; one page of each is in memory
ITEMS_PER_PAGE = 5_000  # a page ends at 1 MB anyway
KEYS_PER_READ = 100  # DynamoDB API Reference, BatchGetItem
NO_SOURCE = "(unknown)"
_BOOKED = ("correlation_id", "source", "state", "received_at", "expires_at")
_HISTORY = ("correlation_id", "source", "state", "received_at", "entity", "operation", "external_id", "version",
            "event_id", "topic", "attempts", "record_id", "steps")  # fmt: skip

_Item = Mapping[str, Any]


class ChangeLogReader:
    """Implements `ports.books.ChangeBooks`.

    Args:
        table_name: As for `adapters.change_log.DynamoDbChangeLog`.
        memory: How long the change log keeps a change after its last step.
    """

    def __init__(self, table_name: str, memory: timedelta, client: "DynamoDBClient | None" = None) -> None:
        self._memory = memory
        self._client = client or clients.dynamodb()
        self._table = table_name

    def booked(self) -> Iterator[BookedChange]:
        """Scan the table's segments side by side, with what is counted and nothing else."""
        return (self._booked(item) for item in self._scan(_BOOKED))

    def page(self, after: str | None) -> BookPage:
        """Scan on from the key of a change, which need not be there any more."""
        last = {"ExclusiveStartKey": {"correlation_id": {"S": after}}} if after else {}
        page = self._page({"TableName": self._table, "Limit": ITEMS_PER_PAGE, **_projection(_BOOKED), **last})
        further = page.get("LastEvaluatedKey")
        return BookPage(
            [self._booked(item) for item in page["Items"]], further["correlation_id"]["S"] if further else None
        )

    def _booked(self, item: _Item) -> BookedChange:
        return BookedChange(
            item["correlation_id"]["S"],
            _text(item, "source") or NO_SOURCE,
            _text(item, "state"),
            self._received_at(item),
        )

    def _received_at(self, item: _Item) -> datetime:
        """Return when it came, or of a change that was forgotten and came back from the error log: its last step."""
        if "received_at" in item:
            return _time(item["received_at"])
        return datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC) - self._memory

    def histories(self, correlation_ids: Collection[str]) -> Mapping[str, ChangeHistory]:
        """Read in batches."""
        keys = [{"correlation_id": {"S": name}} for name in sorted(set(correlation_ids))]
        items = (
            item
            for part in slices(keys, KEYS_PER_READ)
            for item in batch_get(self._client, self._table, part, _HISTORY)
        )
        return {item["correlation_id"]["S"]: _history(item) for item in items}

    def every(self) -> Iterator[ChangeHistory]:
        """Give every change with its steps, in no order.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        return (_history(item) for item in self._scan(_HISTORY))

    def of_record(self, sources: Collection[str], external_id: str) -> Iterator[ChangeHistory]:
        """Give every change of an External ID of some sources: a scan of the whole table.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        values = {":external_id": {"S": external_id}, **{f":s{n}": {"S": each} for n, each in enumerate(sources)}}
        condition = f"external_id = :external_id AND #source IN ({', '.join(f':s{n}' for n in range(len(sources)))})"
        for item in self._scan(
            _HISTORY,
            FilterExpression=condition,
            ExpressionAttributeValues=values,
            ExpressionAttributeNames={"#source": "source"},
        ):
            yield _history(item)

    def _scan(self, attributes: Collection[str], **more: Any) -> Iterator[_Item]:
        """Give items as pages arrive; of each segment one page is read ahead."""
        projection = _projection(attributes)
        names = projection["ExpressionAttributeNames"] | more.pop("ExpressionAttributeNames", {})
        asked = {
            "TableName": self._table,
            "Limit": ITEMS_PER_PAGE,
            "TotalSegments": SEGMENTS,
            **projection,
            **more,
            "ExpressionAttributeNames": names,
        }
        with ThreadPoolExecutor(SEGMENTS, thread_name_prefix="scan") as pool:
            reading = {pool.submit(self._page, {**asked, "Segment": n}): n for n in range(SEGMENTS)}
            while reading:
                for future in wait(reading, return_when=FIRST_COMPLETED).done:
                    segment, page = reading.pop(future), future.result()
                    if last := page.get("LastEvaluatedKey"):
                        further = {**asked, "Segment": segment, "ExclusiveStartKey": last}
                        reading[pool.submit(self._page, further)] = segment
                    yield from page["Items"]

    def _page(self, asked: Mapping[str, Any]) -> Any:
        with aws_errors("reading the change log"):
            return self._client.scan(**asked)


def _projection(attributes: Collection[str]) -> dict[str, Any]:
    return {
        "ProjectionExpression": ", ".join(f"#p{n}" for n in range(len(attributes))),
        "ExpressionAttributeNames": {f"#p{n}": name for n, name in enumerate(attributes)},
    }


def _history(item: _Item) -> ChangeHistory:
    steps = tuple(_step(each["M"]) for each in item["steps"]["L"])
    return ChangeHistory(
        correlation_id=item["correlation_id"]["S"],
        source=_text(item, "source"),
        entity=_text(item, "entity"),
        operation=_text(item, "operation"),
        external_id=_text(item, "external_id"),
        version=int(item.get("version", {}).get("N", "0")),
        event_id=_text(item, "event_id"),
        topic=_text(item, "topic"),
        received_at=_time(item["received_at"]) if "received_at" in item else steps[0].at,
        state=_text(item, "state"),
        attempts=int(item.get("attempts", {}).get("N", "0")),
        record_id=_text(item, "record_id") or None,
        steps=steps,
    )


def _step(stored: _Item) -> ChangeStep:
    facts = {name: _text(stored, name) or None for name in ("record_id", "failure_kind", "error_code", "detail")}
    return ChangeStep(_time(stored["at"]), _text(stored, "state"), **facts)


def _time(stored: _Item) -> datetime:
    return datetime.fromisoformat(stored["S"])


def _text(item: _Item, name: str) -> str:
    return str(item[name]["S"]) if name in item else ""
