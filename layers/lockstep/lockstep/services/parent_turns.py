"""Lets one container at a time write records of a parent whose lock was fought for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from lockstep.domain.attempts import Write
from lockstep.domain.batches import split
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.ledger import Answered
from lockstep.domain.parent_names import names_of, shared_names
from lockstep.domain.verdicts import Failed
from lockstep.ports import Leases

TURN_S = 75  # longer than the function runs: one that died holds the parent no longer
HOT_FOR = timedelta(minutes=2)  # longer than the short waits of what was refused
WAIT_S = 4


@dataclass(frozen=True, slots=True)
class Turn:
    """What may be written now, and what must wait; `names` are to be given back."""

    writes: Sequence[Write]
    refused: Sequence[Failed] = ()
    names: Sequence[str] = ()


class Turns(Protocol):
    """Who may write records of which parents now."""

    def take(self, writes: Sequence[Write]) -> Turn:
        """Ask for the turns that records need; a change waits whole.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def learn(self, answered: Sequence[Answered]) -> None:
        """See whose lock was refused."""

    def give_back(self, turn: Turn) -> None:
        """Let others write."""


class NoTurns:
    """Implements `Turns`: everybody writes."""

    def take(self, writes: Sequence[Write]) -> Turn:
        """Let all pass."""
        return Turn(writes)

    def learn(self, answered: Sequence[Answered]) -> None:
        """Learn nothing."""

    def give_back(self, turn: Turn) -> None:
        """Give nothing back."""


@dataclass(slots=True)
class ParentTurns:
    """Implements `Turns` by leases, and asks for none until a lock was refused.

    A container that has met a refused lock remembers the parent for two minutes; a change that was put off tells the
    others. Whoever knows of neither writes at once, meets the lock, and knows.
    """

    leases: Leases
    clock: Callable[[], datetime]
    _hot: dict[str, datetime] = field(default_factory=dict)

    def take(self, writes: Sequence[Write]) -> Turn:
        """Take all that are free; of changes that need others, nothing is written."""
        hot = self._hot_names()
        needed = {id(write): names_of(write, hot) for write in writes}
        wanted = sorted({name for names in needed.values() for name in names})
        if not wanted:
            return Turn(writes)
        answers = self.leases.take_each(wanted, TURN_S, self.clock())
        taken = [name for name, is_ours in zip(wanted, answers, strict=True) if is_ours]
        busy = frozenset(wanted) - frozenset(taken)
        waiting = {write.attempt.change.correlation_id for write in writes if needed[id(write)] & busy}
        refused, free = split(writes, lambda write: write.attempt.change.correlation_id in waiting)
        changes = {write.attempt.change.correlation_id: write.attempt.change for write in refused}
        return Turn(free, [Failed(change, _busy()) for change in changes.values()], taken)

    def learn(self, answered: Sequence[Answered]) -> None:
        """Remember the parents of what met a lock."""
        locked = [write for write, verdict in answered if isinstance(verdict, Failed) and _is_lock(verdict)]
        if locked:
            until = self.clock() + HOT_FOR
            self._hot |= {name: until for write in locked for name in shared_names(write)}

    def give_back(self, turn: Turn) -> None:
        """Give back all at once; what AWS does not take back ends by itself."""
        if not turn.names:
            return
        try:
            self.leases.give_back_each(turn.names)
        except SyncError:
            return  # the records are written, and the batch must be booked

    def _hot_names(self) -> frozenset[str]:
        now = self.clock()
        self._hot = {name: until for name, until in self._hot.items() if until > now}
        return frozenset(self._hot)


def _is_lock(failed: Failed) -> bool:
    return failed.failure.kind is FailureKind.ROW_LOCKED


def _busy() -> SyncError:
    return SyncError(
        FailureKind.RECORD_HELD,
        "another batch writes records of the same parent, which is locked",
        retry_after_s=WAIT_S,
    )
