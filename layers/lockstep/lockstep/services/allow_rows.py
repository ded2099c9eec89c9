"""Says which rows may be written: not those of records that were deleted since, nor older ones than the guard knows."""

from collections.abc import Callable, Sequence
from datetime import datetime

from lockstep.domain.batches import slices
from lockstep.domain.chunks import Chunk
from lockstep.domain.guard import GuardAnswer, GuardClaim
from lockstep.domain.job_rows import Candidate
from lockstep.domain.load_keys import claim_owner
from lockstep.domain.loads import Load
from lockstep.domain.protection import Protection, is_older_than_deletion
from lockstep.domain.row_changes import row_change_id, row_order
from lockstep.domain.row_counts import RowCounts
from lockstep.domain.stamps import epoch_ms
from lockstep.ports import VersionGuard
from lockstep.services.known_deletions import KnownDeletions

_CLAIMED_AT_ONCE = 1_000


class Allowed:
    """What may be written; `held` are records that somebody else writes right now: they go by REST."""

    def __init__(self) -> None:
        self.rows: list[Candidate] = []
        self.held: list[Candidate] = []
        self.counts = RowCounts()


class AllowRows:
    """Asks about the rows of one attempt; safe to repeat: a claim is the attempt's, whichever function makes it."""

    def __init__(self, guard: VersionGuard, deletions: KnownDeletions, clock: Callable[[], datetime]) -> None:
        self._guard = guard
        self._deletions = deletions
        self._clock = clock

    def __call__(
        self, load: Load, chunk: Chunk, rows: Sequence[Candidate], protection: Protection, *, is_versioned: bool
    ) -> Allowed:
        """Tell the rows apart.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        allowed = Allowed()
        alive = self._not_deleted(load, rows, is_versioned=is_versioned)
        allowed.counts += RowCounts(superseded=len(rows) - len(alive))
        if protection is not Protection.CLAIMED:
            allowed.rows = alive
            return allowed
        for some in slices(alive, _CLAIMED_AT_ONCE):
            claims = [row_claim(load, row.line, row.key, row.version, row.content_hash) for row in some]
            answers = self._guard.claim(claims, claim_owner(chunk), self._clock())
            for row, answer in zip(some, answers, strict=True):
                _sort_in(allowed, row, answer)
        return allowed

    def _not_deleted(self, load: Load, rows: Sequence[Candidate], *, is_versioned: bool) -> list[Candidate]:
        keys = {row.key for row in rows}
        deleted = self._deletions.of(load.source, load.object_name, keys, epoch_ms(self._clock()))
        if not deleted:
            return list(rows)
        return [
            row
            for row in rows
            if row.key not in deleted
            or not is_older_than_deletion(
                row_order(load, row.line, row.version), deleted[row.key].version, is_versioned=is_versioned
            )
        ]


def row_claim(load: Load, line: int, key: str, version: int, content_hash: str) -> GuardClaim:
    """Return the wish to write a row."""
    name = row_change_id(load, line)
    return GuardClaim(load.source, load.object_name, key, row_order(load, line, version), content_hash, name)


def _sort_in(allowed: Allowed, row: Candidate, answer: GuardAnswer) -> None:
    match answer:
        case GuardAnswer.GRANTED:
            allowed.rows.append(row)
        case GuardAnswer.HELD:
            allowed.held.append(row)
        case GuardAnswer.WRITTEN:
            allowed.counts += RowCounts(succeeded=1)
        case _:
            allowed.counts += RowCounts(superseded=1)
