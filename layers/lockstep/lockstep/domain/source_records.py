"""The records of a source as the org lists them: which are asked for, and which a file could have named."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from lockstep.domain.external_ids import KeyKind, number_of
from lockstep.domain.routes import Mark, Route
from lockstep.domain.stamps import epoch_ms

_ID, _CREATED = "Id", "CreatedDate"


class Standing(StrEnum):
    """What a record is to a file that is the whole truth."""

    MARKED = "marked"  # as deleted, already
    NEWER = "newer"  # made or changed after the file was
    OLDER = "older"  # the file names it, or it is missing


def query_of(route: Route) -> str:
    """Return the query of all records that have an External ID of the source."""
    key = route.external_id.field
    asked = [_ID, key, _CREATED, *([route.version_field] if route.version_field else []), *_marks(route)]
    columns = {name.casefold(): name for name in asked}
    return f"SELECT {', '.join(columns.values())} FROM {route.object_name} WHERE {key} != null"  # noqa: S608 - names


class SourceRecords:
    """Reads rows of the query's result.

    Args:
        route: The route that was asked for.
        header: The result's columns.
        cutoff_ms: After it a file knows nothing.
        kind: Of the External ID field.
    """

    def __init__(self, route: Route, header: Sequence[str], cutoff_ms: int, kind: KeyKind) -> None:
        at = {name.casefold(): place for place, name in enumerate(header)}
        named = (_ID, route.external_id.field, _CREATED)
        self._id, self._key, self._created = (at[name.casefold()] for name in named)
        self._version = at[route.version_field.casefold()] if route.version_field else None
        self._marks = [(at[name.casefold()], value) for name, value in _marks(route).items()]
        self._cutoff_ms = cutoff_ms
        self._spelled: Callable[[str], str] = _as_integer if kind is KeyKind.NUMBER else str

    def name_of(self, row: Sequence[str]) -> tuple[str, str]:
        """Return the record's Id and its External ID, as sources write it."""
        return row[self._id], self._spelled(row[self._key])

    def standing_of(self, row: Sequence[str]) -> Standing:
        """Say what the record is to the file."""
        if self._marks and all(_is_alike(row[place], value) for place, value in self._marks):
            return Standing.MARKED
        return Standing.NEWER if self._is_newer(row) else Standing.OLDER

    def _is_newer(self, row: Sequence[str]) -> bool:
        if epoch_ms(datetime.fromisoformat(row[self._created])) > self._cutoff_ms:
            return True
        version = number_of(row[self._version]) if self._version is not None else None
        return version is not None and version > self._cutoff_ms


def _marks(route: Route) -> dict[str, object]:
    return dict(route.on_delete.mark) if isinstance(route.on_delete, Mark) else {}


def _as_integer(key: str) -> str:
    """Salesforce writes the number 12 as 12.0."""
    number = number_of(key)
    return f"{number:.0f}" if number is not None and number == number.to_integral_value() else key


def _is_alike(text: str, value: object) -> bool:
    """Compare what the org lists with what was written; a mark that is not known again is only set once more."""
    marked = str(value).strip()
    number = number_of(marked)
    is_number = number is not None and number_of(text) == number
    return is_number or text.strip().casefold() == marked.casefold() or _is_same_time(text, marked)


def _is_same_time(first: str, second: str) -> bool:
    try:
        return datetime.fromisoformat(first) == datetime.fromisoformat(second)
    except ValueError:
        return False
