"""The last row of a key wins, also where rows of it stand in several chunks, whose jobs work side by side.

Within a chunk the later line is taken, and versions decide elsewhere. But rows without versions of their own are alike
to the org, and the job that ends last wins. So when all jobs have ended, the last row of each such key goes once more.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from lockstep.domain.changes import PayloadReference
from lockstep.domain.chunks import Chunk
from lockstep.domain.external_ids import IDENTITIES
from lockstep.domain.job_rows import manifest_key_of, manifest_row
from lockstep.domain.load_keys import manifest_keys, repeat_key
from lockstep.domain.loads import Load
from lockstep.domain.protection import Protection
from lockstep.domain.repeated_keys import RepeatedKeys
from lockstep.ports.bulk import LoadFiles, LocalFile, LocalFiles
from lockstep.services.load_desk import LoadDesk
from lockstep.services.plan_rows import PlanRows
from lockstep.services.prepare_rows import RowPlan, rows_at

MOST_COMPARED = 5_000_000  # some 10 µs each on 256 MiB, read twice, and a function runs for 85 s


class _Last(NamedTuple):
    """The last row of a key."""

    line: int
    chunk: int


class RepeatLastRows:
    """A last step of a load; safe to repeat."""

    def __init__(
        self,
        *,
        desk: LoadDesk,
        plan_rows: PlanRows,
        load_files: LoadFiles,
        local_files: LocalFiles,
        clock: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._plan_rows = plan_rows
        self._load_files = load_files
        self._local_files = local_files
        self._clock = clock

    def __call__(self, load: Load) -> bool:
        """Send the rows once more where there are some; True where there is nothing (more) to be done.

        Raises:
            SyncError: AWS_UNAVAILABLE, FILE_GONE, ROUTE_MISSING, ROUTE_BROKEN.
        """
        if load.is_compared or load.chunks < 2:
            return True
        chunks = list(self._desk.book.chunks(load.load_id))
        plan = self._plan_rows(load, chunks[0])
        # The guard compares lines, too, and versions of the rows' own differ.
        if plan.has_own_versions or plan.protection is Protection.CLAIMED:
            return True
        if sum(chunk.rows for chunk in chunks) > MOST_COMPARED:
            return self._not_compared(load)
        lasts = self._lasts(plan, chunks)
        if not lasts:
            return self._desk.change_load(load.load_id, _compared) is not None
        self._send(load, chunks, lasts)
        return False

    def _not_compared(self, load: Load) -> bool:
        text = (
            f"{load.name} (load {load.load_id}) has more than {MOST_COMPARED:,} rows, too many to be compared at its "
            f"end. Where a key stands in it more than once, far apart, either row may have won.\n\n"
            f"Give the file a column with versions, and say so in the route's `file`; or drop it in parts."
        )
        self._desk.tell.tell(f"load#{load.load_id}#compared", "Lockstep: a file's keys were not compared", text)
        return self._desk.change_load(load.load_id, _compared) is not None

    def _lasts(self, plan: RowPlan, chunks: Sequence[Chunk]) -> Sequence[_Last]:
        identity = IDENTITIES[plan.route.key_kind]
        repeated = RepeatedKeys(sum(chunk.rows for chunk in chunks))
        for chunk in chunks:
            repeated.look(identity(manifest_key_of(line)) for line in self._listed(chunk))
        found: dict[object, set[_Last]] = defaultdict(set)
        for chunk in chunks:
            for line in self._listed(chunk):
                key = identity(manifest_key_of(line))
                if repeated.may_repeat(key):
                    found[key].add(_Last(manifest_row(line).line, chunk.number))
        return [max(rows) for rows in found.values() if len({row.chunk for row in rows}) > 1]

    def _listed(self, chunk: Chunk) -> Iterator[str]:
        with self._local_files.new() as file:
            for key in manifest_keys(chunk):
                if self._load_files.get(key, file):
                    yield from file.lines()

    def _send(self, load: Load, chunks: Sequence[Chunk], lasts: Sequence[_Last]) -> None:
        """Store the chunk before the load counts it, and send its message last."""
        with self._local_files.new() as rows:
            rows.append(self._numbered(load, chunks, lasts))
            file = self._load_files.put(repeat_key(load.load_id), rows)
            chunk = _repeat(load, chunks[0], file, rows, len(lasts), self._clock())
        self._desk.book.save_chunk(chunk)  # or it is there already
        self._desk.change_load(load.load_id, lambda now: None if now.is_compared else _with_one_more(now))
        self._desk.remind(chunk)

    def _numbered(self, load: Load, chunks: Sequence[Chunk], lasts: Sequence[_Last]) -> Iterator[bytes]:
        lines: Mapping[int, set[int]] = defaultdict(set)
        for last in lasts:
            lines[last.chunk].add(last.line)
        for chunk in chunks:
            if wanted := lines.get(chunk.number):
                plan = self._plan_rows(load, chunk.with_all_rows())
                for line, cells in rows_at(plan, self._load_files, wanted):
                    yield plan.meaning.numbered(line, cells)


def _repeat(load: Load, first: Chunk, file: PayloadReference, rows: LocalFile, count: int, now: datetime) -> Chunk:
    plain = {"is_gzip": False, "encoding": "utf-8", "delimiter": ","}
    return Chunk(
        revision=1,
        load_id=load.load_id,
        number=load.chunks + 1,
        object_name=load.object_name,
        file=file,
        dialect=first.dialect.model_copy(update=plain),
        end_byte=rows.size,
        line_numbers=False,
        rows=count,
        is_repeat=True,
        updated_at=now,
    )


def _compared(load: Load) -> Load:
    return load.changed(is_compared=True)


def _with_one_more(load: Load) -> Load:
    return load.changed(is_compared=True, chunks=load.chunks + 1)
