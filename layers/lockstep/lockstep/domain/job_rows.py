"""The rows of a chunk that may go into its job: one for each record, the newest."""

from collections.abc import Callable, Hashable, Iterable
from operator import itemgetter
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


_PARENTS = itemgetter(3)


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
        """Take rows in, in the order of the file."""
        newest, identity = self._newest, self._identity
        for candidate in candidates:
            record = identity(candidate[0])
            known = newest.setdefault(record, candidate)
            if known is not candidate:
                self.collapsed += 1
                if candidate.version >= known.version:
                    newest[record] = candidate

    def rows(self) -> list[Candidate]:
        """Return what was kept: rows of one parent stand together, so that few transactions want its lock."""
        return sorted(self._newest.values(), key=_PARENTS)


class ManifestRow(NamedTuple):
    """A row as the list of an attempt's rows has it; one that did not fit is not in the job."""

    line: int
    version: int
    key: str
    content_hash: str
    is_submitted: bool

    @property
    def text(self) -> str:
        """The row as a line; its key stands last, because it may hold a comma. It holds no line break."""
        return manifest_line(self.line, self.version, self.content_hash, self.key, is_submitted=self.is_submitted)


def manifest_line(line: int, version: int, content_hash: str, key: str, *, is_submitted: bool) -> str:
    """Return what `ManifestRow.text` does, without making one."""
    return f"{'1' if is_submitted else '0'},{line},{version},{content_hash},{key}\n"


def manifest_row(text: str) -> ManifestRow:
    """Read a line back."""
    flag, line, version, content_hash, key = text[:-1].split(",", 4)
    return ManifestRow(int(line), int(version), key, content_hash, flag == "1")


def manifest_key_of(text: str) -> str:
    """Read the External ID of a line, and no more: it is all that most rows are asked."""
    return text[:-1].split(",", 4)[4]


def is_submitted(text: str) -> bool:
    """Tell whether the line's row went into the job."""
    return text[0] == "1"
