"""Maps rows and writes nothing: for a file that goes wholly or not at all, and for people who try one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lockstep.domain.also_records import NotMeant, Records
from lockstep.domain.chunks import Chunk
from lockstep.domain.conversions.results import Problem
from lockstep.domain.failures import FailureKind
from lockstep.domain.file_rows import BadRow, Readable
from lockstep.domain.file_rules import FileRules
from lockstep.domain.loads import Load
from lockstep.domain.mapped import BulkRow, Unmappable
from lockstep.domain.mapping import CompiledRoute
from lockstep.domain.row_meaning import row_meaning

MOST_FAULTS_OF_A_KIND = 5
_NO_CHANGE = ""  # nothing is written, so no record says by what


class Fault(NamedTuple):
    """A row that cannot be loaded: its line, what kind of failure that is, and what is wrong; no value of it."""

    line: int
    code: str
    said: str


@dataclass(slots=True)
class Checked:
    """What became of rows: `by_kind` counts faulty rows by what is wrong, and `faults` are the first of each.

    `notes` count values that the mapping has changed, as it was asked to, by field and what was done.
    """

    read: int = 0
    mapped: int = 0
    not_meant: int = 0
    faulty: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, line: int, code: FailureKind, said: str) -> None:
        """Count a row that has a fault, and keep it where it is among the first with the same fault."""
        self.faulty += 1
        self.by_kind[said] += 1
        if self.by_kind[said] <= MOST_FAULTS_OF_A_KIND:
            self.faults.append(Fault(line, code.value, said))


def check_rows(
    rules: FileRules, route: CompiledRoute, load: Load, chunk: Chunk, stream: Readable, checked: Checked
) -> None:
    """Map every row of a chunk as it would be mapped to be loaded, and say what became of each.

    Args:
        rules: How the route's files are read.
        route: The route.
        load: The load.
        chunk: One of its chunks.
        stream: The chunk's bytes.
        checked: Is added to.

    Raises:
        SyncError: As `stream` does.
    """
    meaning = row_meaning(rules, route, load, chunk)
    for row in meaning.rows(chunk, stream):
        checked.read += 1
        if isinstance(row, BadRow):
            checked.add(row.line, FailureKind.MESSAGE_INVALID, _sentences(row.reason, row.remedy))
            continue
        line, cells = row
        key, version = meaning.key_of(cells), meaning.version_of(cells)
        problems = [each for each in (key, version) if isinstance(each, Problem)]
        if isinstance(key, Problem) or isinstance(version, Problem):
            said = "; ".join(_sentences(each.reason, each.remedy) for each in problems)
            checked.add(line, FailureKind.MAPPING_FAILED, said)
            continue
        (found,) = meaning.map_rows([cells], [key], [version], [_NO_CHANGE])
        _take(checked, route, line, found)


def _take(checked: Checked, route: CompiledRoute, line: int, found: BulkRow | Records) -> None:
    if isinstance(found, NotMeant):
        checked.not_meant += 1
        return
    if isinstance(found, BulkRow) and not found.notes:
        checked.mapped += 1
        return
    for made in _rows_of(found):
        if isinstance(made, Unmappable):
            said = "; ".join(f"{each.field}: {_sentences(each.reason, each.remedy)}" for each in made.problems)
            checked.add(line, FailureKind.MAPPING_FAILED, said)
            return
        checked.notes.update((note.field, note.what) for note in made.notes)
    checked.mapped += 1


def _rows_of(found: BulkRow | Records) -> Iterator[BulkRow | Unmappable]:
    if isinstance(found, BulkRow | Unmappable):
        yield found
    elif not isinstance(found, NotMeant):
        yield from (made.target.to_bulk_row(made.record) for made in found)


def _sentences(reason: str, remedy: str) -> str:
    return f"{reason}. {remedy[0].upper()}{remedy[1:]}"
