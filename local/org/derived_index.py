"""Finds records by what is worked out from several of their fields; only objects that need it have one."""

from collections.abc import Callable, Collection, Hashable

from local.org.record import ID, Record


class DerivedIndex:
    """The records by a key of their values; those whose key is None are not in it."""

    __slots__ = ("_key_of", "_records")

    def __init__(self, key_of: Callable[[Record], Hashable]) -> None:
        self._key_of = key_of
        self._records: dict[Hashable, dict[str, Record]] = {}

    def find(self, key: Hashable) -> Collection[Record]:
        """Return the records with that key, oldest first."""
        return self._records.get(key, {}).values()

    def add(self, record: Record) -> None:
        """Note a record as it is now."""
        key = self._key_of(record)
        if key is not None:
            self._records.setdefault(key, {})[record[ID]] = record

    def remove(self, record: Record) -> None:
        """Forget a record; it must have the values that it was added with."""
        found = self._records.get(self._key_of(record))
        if found is not None:
            found.pop(record[ID], None)
