"""What became of the records of each change, and the one verdict that the change has in the end."""

from collections.abc import Iterable, Sequence

from lockstep.domain.attempts import Write
from lockstep.domain.failures import Disposition, SyncError
from lockstep.domain.verdicts import Done, Failed, Verdict

# A person has to act whatever else heals, and the sooner that is told the better; then what waits longest.
_WORST_FIRST = (Disposition.PERSON, Disposition.HALT, Disposition.RETRY, Disposition.RETRY_SOON)


class Ledger:
    """Gathers verdicts of records, in the order in which they were written."""

    def __init__(self) -> None:
        self._verdicts: dict[str, list[tuple[Write, Verdict]]] = {}
        self._failed: set[str] = set()

    def add(self, answered: Iterable[tuple[Write, Verdict]]) -> list[Write]:
        """Note what became of records; return those that failed."""
        failed = []
        for write, verdict in answered:
            name = verdict.change.correlation_id
            self._verdicts.setdefault(name, []).append((write, verdict))
            if isinstance(verdict, Failed):
                failed.append(write)
                self._failed.add(name)
        return failed

    def alive(self, writes: Sequence[Write]) -> Sequence[Write]:
        """Return the writes of changes of which no record has failed."""
        if not self._failed:
            return writes
        return [write for write in writes if write.attempt.change.correlation_id not in self._failed]

    def verdicts(self) -> list[Verdict]:
        """Return one verdict for each change."""
        return [_together(answered) for answered in self._verdicts.values()]


def _together(answered: list[tuple[Write, Verdict]]) -> Verdict:
    if len(answered) == 1 and not answered[0][0].place:
        return answered[0][1]
    failures = [(write, verdict) for write, verdict in answered if isinstance(verdict, Failed)]
    if not failures:
        return next((verdict for write, verdict in answered if not write.place), answered[0][1])
    write, worst = min(failures, key=lambda failure: _rank(failure[1].failure))
    may_stand = any(isinstance(verdict, Done) or _may_stand(verdict) for _, verdict in answered)
    return Failed(write.attempt.change, _placed(worst.failure, write.place), may_stand=may_stand)


def _rank(failure: SyncError) -> int:
    disposition = failure.disposition
    return _WORST_FIRST.index(disposition) if disposition in _WORST_FIRST else len(_WORST_FIRST)


def _may_stand(failed: Failed) -> bool:
    return failed.failure.disposition is not Disposition.PERSON


def _placed(failure: SyncError, place: str) -> SyncError:
    if not place:
        return failure
    return SyncError(
        failure.kind,
        f"{place}: {failure.detail}",
        error_code=failure.error_code,
        retry_after_s=failure.retry_after_s,
    )
