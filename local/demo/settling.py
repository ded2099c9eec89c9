"""Read the change log until every change has come to its end."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.stack import Stack

LOOK_EVERY_S = 0.5
STALLED_AFTER_S = 60.0  # longer than any wait between two looks for a missing parent
SETTLED = frozenset({"Applied", "Superseded", "Duplicate"})
AT_AN_END = SETTLED | {"Pending", "Abandoned"}


@dataclass(frozen=True, slots=True)
class Logged:
    """One change as the change log tells it."""

    correlation_id: str
    state: str
    source: str
    entity: str
    external_id: str
    failure: str
    ended_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """True where nothing more happens to it by itself."""
        return self.state in AT_AN_END

    @property
    def is_settled(self) -> bool:
        """True where nobody has to do anything any more."""
        return self.state in SETTLED


def read_log(stack: Stack) -> dict[str, Logged]:
    """Return every change in the log, by correlation ID."""
    pages = stack.aws("dynamodb").get_paginator("scan")
    table = stack.outputs["ChangeLogTableName"]
    items = (item for page in pages.paginate(TableName=table, ConsistentRead=True) for item in page["Items"])
    return {logged.correlation_id: logged for logged in map(_logged, items)}


def wait_until_settled(
    stack: Stack, wanted: Collection[str], deadline_s: float, show: Callable[[int], None]
) -> Mapping[str, Logged]:
    """Wait until all wanted changes have ended, nothing ends any more, or the deadline. Return the whole log."""
    until = time.monotonic() + deadline_s
    before, moved_at = -1, time.monotonic()
    while True:
        log = read_log(stack)
        ended = sum(1 for name in wanted if name in log and log[name].has_ended)
        show(ended)
        if ended != before:
            before, moved_at = ended, time.monotonic()
        if ended == len(wanted) or time.monotonic() > min(until, moved_at + STALLED_AFTER_S):
            return log
        time.sleep(LOOK_EVERY_S)


def _logged(item: Mapping[str, Any]) -> Logged:
    text = {name: value["S"] for name, value in item.items() if "S" in value}
    last = item["steps"]["L"][-1]["M"]
    failure = " ".join(text[name] for name in ("failure_kind", "error_code", "detail") if name in text)
    ended_at = datetime.fromisoformat(last["at"]["S"]) if text["state"] in AT_AN_END else None
    names = ("correlation_id", "state", "source", "entity", "external_id")
    return Logged(**{name: text[name] for name in names}, failure=failure, ended_at=ended_at)
