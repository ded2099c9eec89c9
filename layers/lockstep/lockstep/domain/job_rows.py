"""The rows of a chunk that may go into its job: one for each record, the newest."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple


class Candidate(NamedTuple):
    """A row that was mapped: what decides whether it goes, and where its CSV line lies."""

    key: str
    version: int
    line: int
    parents: str
    first: int
    end: int
    content_hash: str = ""


class NewestRows:
    """Keeps one row for each record: the newest version, of equal ones the later line.

    Args:
        identity: When two keys are one record's.
    """

    def __init__(self, identity: Callable[[str], Hashable]) -> None:
        self._identity = identity
        self._newest: dict[Hashable, Candidate] = {}
        self.collapsed = 0

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Take rows in, in any order."""
        newest, identity = self._newest, self._identity
        for candidate in candidates:
            record = identity(candidate.key)
            known = newest.setdefault(record, candidate)
            if known is not candidate:
                self.collapsed += 1
                if (candidate.version, candidate.line) > (known.version, known.line):
                    newest[record] = candidate

    def rows(self) -> list[Candidate]:
        """Return what was kept: rows of one parent stand together, so that few transactions want its lock."""
        return sorted(self._newest.values(), key=_by_parents)


class ManifestRow(NamedTuple):
    """A row as the list of an attempt's rows has it; one that did not fit is not in the job."""

    line: int
    version: int
    key: str
    content_hash: str
    is_submitted: bool


def manifest_cells(row: ManifestRow) -> tuple[str, ...]:
    """Return the row as cells."""
    return str(row.line), str(row.version), row.key, row.content_hash, "1" if row.is_submitted else "0"


def manifest_row(cells: Sequence[str]) -> ManifestRow:
    """Read the cells back."""
    line, version, key, digest, flag = cells
    return ManifestRow(int(line), int(version), key, digest, flag == "1")


def _by_parents(candidate: Candidate) -> tuple[str, int]:
    return candidate.parents, candidate.line
