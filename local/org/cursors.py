"""Query cursors: the pages of a result that a client has not fetched yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.org import ids
from local.org.clock import OrgClock
from local.org.errors import malformed

_LIFETIME_S = 2 * 24 * 3600.0  # cursors live two days (limits cheatsheet, API query cursor limits)
_KEY_PREFIX = "01g"
DEFAULT_BATCH, LEAST_BATCH, MOST_BATCH = 2000, 200, 2000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a result; `next_locator` is None on the last."""

    total_size: int
    records: Sequence[Any]
    next_locator: str | None


@dataclass(frozen=True, slots=True)
class _Cursor:
    records: Sequence[Any]
    total_size: int
    opened_at_s: float


class Cursors:
    """The open cursors by id."""

    def __init__(self, clock: OrgClock) -> None:
        self._clock = clock
        self._by_id: dict[str, _Cursor] = {}
        self._opened = 0

    def first_page(self, records: Sequence[Any], total_size: int, batch_size: int) -> Page:
        """Return the first page, opening a cursor where there are more."""
        if len(records) <= batch_size:
            return Page(total_size, records, None)
        self._drop_expired()
        self._opened += 1
        cursor_id = ids.encode(_KEY_PREFIX, self._opened)
        self._by_id[cursor_id] = _Cursor(records, total_size, self._clock.now_s())
        return self._page(cursor_id, 0, batch_size)

    def next_page(self, locator: str, batch_size: int) -> Page:
        """Return the page that starts at a locator, `<cursor>-<offset>`; the same one however often it is asked.

        Raises:
            OrgError: INVALID_QUERY_LOCATOR.
        """
        self._drop_expired()
        cursor_id, _, offset = locator.rpartition("-")
        cursor = self._by_id.get(cursor_id)
        if cursor is None or not (offset.isascii() and offset.isdigit()) or int(offset[:12]) >= len(cursor.records):
            raise malformed("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(cursor_id, int(offset), batch_size)

    def _page(self, cursor_id: str, start: int, batch_size: int) -> Page:
        cursor = self._by_id[cursor_id]
        end = start + batch_size
        locator = f"{cursor_id}-{end}" if end < len(cursor.records) else None
        return Page(cursor.total_size, cursor.records[start:end], locator)

    def _drop_expired(self) -> None:
        oldest_s = self._clock.now_s() - _LIFETIME_S
        self._by_id = {key: each for key, each in self._by_id.items() if each.opened_at_s >= oldest_s}
