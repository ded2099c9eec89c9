"""The result files of an ingest job: what each row's error says, and which row it was, by External ID only."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from lockstep.domain.external_ids import number_of
from lockstep.domain.failures import FailureKind, SyncError

ERROR_COLUMN = "sf__Error"
ID_COLUMN = "sf__Id"
_END = "--"


class ResultFile(StrEnum):
    """The three files; the value is how the file is called in an archive."""

    SUCCESSFUL = "successful"
    FAILED = "failed"
    UNPROCESSED = "unprocessed"


class RowError(NamedTuple):
    """The parts of `CODE:message:field1,field2 --`."""

    code: str
    message: str
    fields: tuple[str, ...]


def row_error(text: str) -> RowError:
    """Read what Salesforce says of a failed row; the message may hold colons and line breaks."""
    code, _, rest = text.partition(":")
    message, colon, names = rest.rpartition(":")
    if not colon:
        return RowError(code.strip(), rest.strip(), ())
    named = names.rstrip().removesuffix(_END).strip()
    return RowError(code.strip(), message, tuple(each.strip() for each in named.split(",") if each.strip()))


def key_column(header: Sequence[str], external_id_field: str) -> int:
    """Return where the External ID stands, or another column; Salesforce ignores case in names.

    Raises:
        SyncError: UNEXPECTED where no column is it.
    """
    folded = [name.casefold() for name in header]
    if external_id_field.casefold() not in folded:
        reason = f"a result file of the job has no column {external_id_field}; its rows cannot be told apart"
        raise SyncError(FailureKind.UNEXPECTED, reason)
    return folded.index(external_id_field.casefold())


class SubmittedKeys:
    """Which rows were submitted, by External ID, until a result names them.

    Results are no copies of what was sent: a number comes back written otherwise, and a text in the case in which the
    org has it. So a key that is not known as it stands is looked for by its meaning, among those not named yet.

    Args:
        keys: Each once, in any order.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._open = {key: place for place, key in enumerate(keys)}
        self._known = frozenset(self._open)
        self._by_meaning: list[Mapping[object, list[str]]] | None = None
        self.unknown = 0

    def take(self, key: str) -> int | None:
        """Return the place of the row, from 0; None, and counted, where it is not known or was named before."""
        place = self._open.pop(key, None)
        return place if place is not None else self._take_by_meaning(key)

    @property
    def missing(self) -> list[int]:
        """The places of rows that no result has named."""
        return sorted(self._open.values())

    def _take_by_meaning(self, key: str) -> int | None:
        if self._by_meaning is None:
            self._by_meaning = [_index(self._open, meaning) for meaning in _MEANINGS]
        if key not in self._known:
            for meaning, index in zip(_MEANINGS, self._by_meaning, strict=True):
                alike = [each for each in index.get(meaning(key), ()) if each in self._open]
                if len(alike) == 1:
                    return self._open.pop(alike[0])
        self.unknown += 1
        return None


def _index(keys: Iterable[str], meaning: Callable[[str], object]) -> Mapping[object, list[str]]:
    index: dict[object, list[str]] = defaultdict(list)
    for key in keys:
        if (means := meaning(key)) is not None:
            index[means].append(key)
    return index


_MEANINGS: tuple[Callable[[str], object], ...] = (str.casefold, number_of)
