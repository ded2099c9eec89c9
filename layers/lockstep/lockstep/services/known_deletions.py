"""Which records were deleted, remembered between the chunks of a container."""

from collections.abc import Collection, Mapping

from lockstep.ports.bulk import Deletion, Deletions

# The index shows a deletion some moments after it was claimed.
INDEX_LAG_MS = 60_000
# A container remembers so many, some 20 MB; where there are more it reads them for each chunk.
MOST_REMEMBERED = 50_000


class KnownDeletions:
    """Reads what is new since the last time, as long as all of it can be remembered."""

    def __init__(self, deletions: Deletions, most: int = MOST_REMEMBERED) -> None:
        self._deletions = deletions
        self._most = most
        self._remembered: dict[tuple[str, str], dict[str, Deletion]] = {}
        self._read_to_ms: dict[tuple[str, str], int] = {}

    def of(self, source: str, object_name: str, keys: Collection[str], now_ms: int) -> Mapping[str, Deletion]:
        """Return the deletions of those records, by External ID.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        place = (source, object_name)
        remembered = self._remembered.setdefault(place, {})
        since = self._read_to_ms.get(place, 0)
        found: dict[str, Deletion] = {}
        for deletion in self._deletions.since(source, object_name, max(since - INDEX_LAG_MS, 0)):
            if deletion.external_id in keys:
                found[deletion.external_id] = deletion
            if len(remembered) <= self._most:
                remembered[deletion.external_id] = deletion
        if len(remembered) > self._most:
            remembered.clear()
            self._read_to_ms.pop(place, None)
        else:
            self._read_to_ms[place] = now_ms
        return {**{key: remembered[key] for key in remembered.keys() & keys}, **found}

    def since(self, source: str, object_name: str, at_ms: int) -> Mapping[str, Deletion]:
        """Return all that were claimed since a moment, by External ID.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        found = self._deletions.since(source, object_name, max(at_ms - INDEX_LAG_MS, 0))
        return {deletion.external_id: deletion for deletion in found}
