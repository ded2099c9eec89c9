"""What happened to each record, write by write, for tests that ask whether a value ever went back."""

from collections.abc import Iterator, Sequence
from typing import Any

from local.org.clock import OrgClock
from local.org.record import ID, IS_DELETED, Record

Entry = dict[str, Any]


class History:
    """The writes of every record by its id, oldest first; kept only where the org was told to keep it."""

    def __init__(self, clock: OrgClock, *, is_kept: bool) -> None:
        self._clock = clock
        self.is_kept = is_kept
        self._by_id: dict[str, list[Entry]] = {}

    def add(self, record: Record, before: Record | None) -> None:
        """Note a write: `before` is the record as it was, None where it is new."""
        if self.is_kept:
            entry = {"at": self._clock.now_s(), "operation": _operation(record, before), "values": _new(record, before)}
            self._by_id.setdefault(record[ID], []).append(entry)

    def take_back(self, record: Record) -> None:
        """Forget the latest write of a record, because its call was taken back."""
        if self.is_kept:
            self._by_id[record[ID]].pop()

    def of(self, record_id: str) -> list[Entry]:
        """Return the writes of the record of that 18-character id."""
        return list(self._by_id.get(record_id, ()))

    def went_back(self, key_prefix: str, field_name: str) -> list[Entry]:
        """Return each write that lowered or blanked the field of a record whose id begins so, oldest record first."""
        return [
            {"id": record_id, "at": at, "from": before, "to": after}
            for record_id, entries in self._by_id.items()
            if record_id.startswith(key_prefix)
            for at, before, after in _steps(entries, field_name)
            if before is not None and (after is None or after < before)
        ]


def _steps(entries: Sequence[Entry], field_name: str) -> Iterator[tuple[float, Any, Any]]:
    """Yield each change of the field's value: when, from what, to what."""
    value = None
    for entry in entries:
        if field_name in entry["values"]:
            yield entry["at"], value, entry["values"][field_name]
            value = entry["values"][field_name]


def _operation(record: Record, before: Record | None) -> str:
    if before is None:
        return "create"
    return "delete" if record[IS_DELETED] else "update"


def _new(record: Record, before: Record | None) -> dict[str, Any]:
    """Return the fields that the write changed, with their new values."""
    if before is None:
        return {name: record.get(name) for name in record.slots if record.get(name) is not None}
    return {name: record.get(name) for name in record.slots if record.get(name) != before.get(name)}
