"""Books what became of a batch: guard, queues, change log, in the order that loses nothing in a crash."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from lockstep.domain.backoff import Uniform, deferral_s
from lockstep.domain.batches import split
from lockstep.domain.changes import Change, Outcome, State
from lockstep.domain.failures import Disposition, SyncError
from lockstep.domain.guard import GuardClaim
from lockstep.domain.verdicts import Done, Failed, Verdict
from lockstep.ports import ChangeLog, DeadLetters, InboundQueue, VersionGuard


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was booked, and which changes the queue must deliver again because booking them failed."""

    outcomes: tuple[Outcome, ...]
    again: tuple[Change, ...]


class SettleChanges:
    """Settles the verdicts of one batch.

    Guard first (a crash after it repeats a harmless write), then the queues (a crash after them sends a change twice,
    and the second is told by its outcome), the change log last: what it calls settled is settled.
    """

    def __init__(
        self,
        *,
        change_log: ChangeLog,
        guard: VersionGuard,
        inbound: InboundQueue,
        dead_letters: DeadLetters,
        clock: Callable[[], datetime],
        uniform: Uniform,
    ) -> None:
        self._change_log = change_log
        self._guard = guard
        self._inbound = inbound
        self._dead_letters = dead_letters
        self._clock = clock
        self._uniform = uniform

    def __call__(self, verdicts: Sequence[Verdict], held: Mapping[str, GuardClaim], owner: str) -> Settlement:
        """Book the verdicts.

        Args:
            verdicts: One for each change.
            held: The records that this batch claimed, by correlation ID.
            owner: Who claimed them.

        Raises:
            SyncError: AWS_UNAVAILABLE; the whole batch must come again.
        """
        done = [verdict for verdict in verdicts if isinstance(verdict, Done)]
        waits, pending = self._sorted([verdict for verdict in verdicts if isinstance(verdict, Failed)])
        self._let_go(done, [failed for group in waits.values() for failed in group], pending, held, owner)
        sent = [*self._defer(waits), *self._dead_letter(pending)]
        outcomes = [verdict.outcome() for verdict in done] + [outcome for outcome, is_sent in sent if is_sent]
        self._change_log.record(outcomes, self._clock())
        return Settlement(tuple(outcomes), tuple(outcome.change for outcome, is_sent in sent if not is_sent))

    def _sorted(self, failures: Sequence[Failed]) -> tuple[dict[tuple[int, bool], list[Failed]], list[Failed]]:
        """Tell those that wait, by delay and by whether the wait is counted, from those that need a person."""
        delay_by_reason: dict[tuple[Disposition, int, int | None], int | None] = {}
        waits: dict[tuple[int, bool], list[Failed]] = defaultdict(list)
        pending: list[Failed] = []
        for failed in failures:
            reason = (failed.failure.disposition, failed.change.deferrals, failed.failure.retry_after_s)
            # One draw for all that wait alike: a queue takes ten messages of one delay in one request.
            if reason not in delay_by_reason:
                delay_by_reason[reason] = self._delay_s(failed.change, failed.failure)
            delay_s = delay_by_reason[reason]
            if delay_s is None:
                pending.append(failed)
            else:
                waits[delay_s, failed.failure.retry_after_s is None].append(failed)
        return waits, pending

    def _delay_s(self, change: Change, failure: SyncError) -> int | None:
        if failure.disposition not in (Disposition.RETRY, Disposition.RETRY_SOON, Disposition.HALT):
            return None
        if failure.retry_after_s is not None:
            return max(1, round(self._uniform(failure.retry_after_s / 2, failure.retry_after_s)))
        return deferral_s(failure.disposition, change.deferrals, self._uniform)

    def _let_go(
        self,
        done: Sequence[Done],
        waiting: Sequence[Failed],
        pending: Sequence[Failed],
        held: Mapping[str, GuardClaim],
        owner: str,
    ) -> None:
        def claims(verdicts: Sequence[Verdict]) -> list[GuardClaim]:
            names = [verdict.change.correlation_id for verdict in verdicts]
            return [held[name] for name in names if name in held]

        self._guard.commit(claims(done), owner)
        standing, refused = split(pending, lambda failed: failed.may_stand)
        # What waits will be written again or may have been written: nothing older may pass it.
        self._guard.suspend(claims([*waiting, *standing]), owner)
        self._guard.release(claims(refused), owner)

    def _defer(self, waits: Mapping[tuple[int, bool], Sequence[Failed]]) -> list[tuple[Outcome, bool]]:
        sent: list[tuple[Outcome, bool]] = []
        for (delay_s, is_counted), group in waits.items():
            changes = [_deferred(failed.change) if is_counted else failed.change for failed in group]
            are_sent = _send(partial(self._inbound.send, delay_s=delay_s), changes)
            sent += zip((failed.outcome(State.QUEUED) for failed in group), are_sent, strict=True)
        return sent

    def _dead_letter(self, pending: Sequence[Failed]) -> list[tuple[Outcome, bool]]:
        # Redriven, a change has all its waits before it again.
        changes = [failed.change.model_copy(update={"deferrals": 0}) for failed in pending]
        are_sent = _send(self._dead_letters.send, changes)
        return list(zip((failed.outcome(State.PENDING) for failed in pending), are_sent, strict=True))


def _deferred(change: Change) -> Change:
    return change.model_copy(update={"deferrals": change.deferrals + 1})


def _send(send: Callable[[Sequence[Change]], Sequence[bool]], changes: Sequence[Change]) -> Sequence[bool]:
    """Send; where the queue refuses all, the messages that brought the changes must come again."""
    if not changes:
        return ()
    try:
        return send(changes)
    except SyncError:
        return [False] * len(changes)
