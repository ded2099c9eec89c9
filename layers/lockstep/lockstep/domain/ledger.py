"""What became of the records of each change, and the one verdict that the change has in the end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from lockstep.domain.attempts import Write
from lockstep.domain.changes import State
from lockstep.domain.failures import Disposition, SyncError
from lockstep.domain.verdicts import Done, Failed, Verdict

# A person has to act whatever else heals, and the sooner that is told the better; then what waits longest.
_WORST_FIRST = (Disposition.PERSON, Disposition.HALT, Disposition.RETRY, Disposition.RETRY_SOON)


Answered: TypeAlias = tuple[Write, Verdict]
"""A record that was sent, or need not be, and what became of it."""


class Ledger:
    """Gathers verdicts of records, in the order in which they were written."""

    def __init__(self) -> None:
        self._verdicts: dict[str, list[Answered]] = {}
        self._ended: set[str] = set()

    def add(self, answered: Iterable[Answered]) -> list[Write]:
        """Note what became of records; return those that failed."""
        failed = []
        for write, verdict in answered:
            name = verdict.change.correlation_id
            self._verdicts.setdefault(name, []).append((write, verdict))
            if isinstance(verdict, Failed):
                failed.append(write)
            if isinstance(verdict, Failed) or _is_outdated(write, verdict):
                self._ended.add(name)
        return failed

    def alive(self, writes: Sequence[Write]) -> Sequence[Write]:
        """Return the writes of changes of which no record has failed, and whose main record is not a newer one."""
        if not self._ended:
            return writes
        return [write for write in writes if write.attempt.change.correlation_id not in self._ended]

    def verdicts(self) -> list[Verdict]:
        """Return one verdict for each change."""
        return [_together(answered) for answered in self._verdicts.values()]


def _is_outdated(write: Write, verdict: Verdict) -> bool:
    return isinstance(verdict, Done) and verdict.state is State.SUPERSEDED and not write.place


def _together(answered: list[Answered]) -> Verdict:
    if len(answered) == 1 and not answered[0][0].place:
        return answered[0][1]
    failures = [(write, verdict) for write, verdict in answered if isinstance(verdict, Failed)]
    if not failures:
        return next((verdict for write, verdict in answered if not write.place), answered[0][1])
    write, worst = min(failures, key=lambda failure: _rank(failure[1].failure))
    may_stand = any(isinstance(verdict, Done) or _may_stand(verdict) for _, verdict in answered)
    has_given_up = any(verdict.is_unknown for _, verdict in failures)
    return replace(worst, failure=_placed(worst.failure, write.place), may_stand=may_stand, has_given_up=has_given_up)


def _rank(failure: SyncError) -> int:
    disposition = failure.disposition
    return _WORST_FIRST.index(disposition) if disposition in _WORST_FIRST else len(_WORST_FIRST)


def _may_stand(failed: Failed) -> bool:
    return failed.failure.disposition is not Disposition.PERSON


def _placed(failure: SyncError, place: str) -> SyncError:
    if not place:
        return failure
    return failure.with_detail(f"{place}: {failure.detail}")
