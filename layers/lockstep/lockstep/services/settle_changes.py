"""Books what became of a batch: guard, error log, queue, change log, in the order that loses nothing in a crash."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lockstep.domain.backoff import NextStep, RetrySchedule, Uniform, next_step
from lockstep.domain.batches import split
from lockstep.domain.changes import Change, Operation, Outcome, State
from lockstep.domain.error_log import EntryStatus, ErrorEntry, FailedTry, RecordName, Resolution
from lockstep.domain.failures import Disposition, SyncError
from lockstep.domain.guard import GuardClaim
from lockstep.domain.json_text import dump_json
from lockstep.domain.verdicts import Done, Failed, Verdict
from lockstep.ports import ChangeLog, InboundQueue, VersionGuard
from lockstep.ports.error_log import ErrorLog
from lockstep.services.log_failures import LogFailures
from lockstep.services.settle_older import SettleOlder


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was booked, and which changes the queue must deliver again because booking them failed."""

    outcomes: tuple[Outcome, ...]
    again: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Fate:
    failed: Failed
    step: NextStep

    @property
    def is_logged(self) -> bool:
        return self.step.state is not State.QUEUED

    @property
    def may_stand(self) -> bool:
        """False where the org has surely not written any of it: what is older may pass."""
        return self.failed.may_stand or self.step.state is not State.PENDING

    @property
    def may_arrive(self) -> bool:
        """True where a write of it may still reach the org; a delete that does so late takes nothing back."""
        return self.failed.is_unknown and self.failed.change.operation is Operation.UPSERT


class SettleChanges:
    """Settles the verdicts of one batch.

    Guard first (a crash after it repeats a harmless write), then the error log (what it holds may go from the queue),
    then the queue (a crash after it sends a change twice, and the second is told by its outcome), the change log last:
    what it calls settled is settled.
    """

    def __init__(
        self,
        *,
        change_log: ChangeLog,
        guard: VersionGuard,
        inbound: InboundQueue,
        error_log: ErrorLog,
        log_failures: LogFailures,
        clock: Callable[[], datetime],
        uniform: Uniform,
        schedule: RetrySchedule | None = None,
    ) -> None:
        self._change_log = change_log
        self._guard = guard
        self._inbound = inbound
        self._error_log = error_log
        self._log_failures = log_failures
        self._settle_older = SettleOlder(change_log, log_failures, clock)
        self._clock = clock
        self._uniform = uniform
        self._schedule = schedule or RetrySchedule()

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
        logged, queued = split(
            self._fates([verdict for verdict in verdicts if isinstance(verdict, Failed)]), lambda fate: fate.is_logged
        )
        resolutions = [*self._overtaken(done, held, owner), *_own(done)]
        self._let_go(done, [*logged, *queued], held, owner)
        booked = self._log(logged, held)
        self._log_failures.resolve(resolutions, self._clock())
        booked += self._defer(queued)
        outcomes = [verdict.outcome() for verdict in done] + [outcome for outcome, is_safe in booked if is_safe]
        written = [verdict.change.correlation_id for verdict in done if verdict.change.correlation_id in held]
        self._change_log.record(outcomes, self._clock(), written=written)
        return Settlement(tuple(outcomes), tuple(outcome.change for outcome, is_safe in booked if not is_safe))

    def close(self, settled: Mapping[str, State]) -> None:
        """Resolve what the error log has of changes that were settled before, by correlation ID.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self._log_failures.resolve([Resolution(name, state) for name, state in settled.items()], self._clock())

    def _fates(self, failures: Sequence[Failed]) -> list[_Fate]:
        drawn: dict[tuple[Disposition, int, int, int | None], NextStep] = {}
        fates = []
        for failed in failures:
            failure, change = failed.failure, failed.change
            alike = (failure.disposition, change.deferrals, change.tries, failure.retry_after_s)
            step = drawn.get(alike) or next_step(failure, change, self._schedule, self._uniform)
            if step.state is State.QUEUED:
                # One draw for all that wait alike: a queue takes ten messages of one delay in one request.
                drawn[alike] = step
            fates.append(_Fate(failed, step))
        return fates

    def _overtaken(self, done: Sequence[Done], held: Mapping[str, GuardClaim], owner: str) -> list[Resolution]:
        """Settle older failures of the records that were written, and find the written changes' own ones.

        Before the guard is told, which knows where to look again.
        """
        claims = [held[each.change.correlation_id] for each in done if each.change.correlation_id in held]
        claim_by_record = {_record_of(claim): claim for claim in self._guard.failed_before(claims, owner)}
        if not claim_by_record:
            return []
        older: list[ErrorEntry] = []
        own: list[Resolution] = []
        state_by_name = {each.change.correlation_id: each.state for each in done}
        for entry in self._error_log.open_of(claim_by_record.keys()):
            name, record, change = entry.correlation_id, entry.record_name, entry.change
            if name in state_by_name:
                own.append(Resolution(name, state_by_name[name]))
            elif record and change and change.order < claim_by_record[record].version:
                older.append(entry)
        self._settle_older(older, "a newer version was written")
        return own

    def _let_go(self, done: Sequence[Done], fates: Sequence[_Fate], held: Mapping[str, GuardClaim], owner: str) -> None:
        def claims(verdicts: Sequence[Verdict]) -> list[GuardClaim]:
            names = [verdict.change.correlation_id for verdict in verdicts]
            return [held[name] for name in names if name in held]

        now = self._clock()
        self._guard.commit(claims(done), owner)
        # What waits will be written again or may have been written: nothing older may pass it.
        standing, refused = split(fates, lambda fate: fate.may_stand)
        for given_up, part in zip((now, None), split(standing, lambda fate: fate.may_arrive), strict=True):
            logged, queued = split(part, lambda fate: fate.is_logged)
            self._guard.suspend(claims([fate.failed for fate in queued]), owner, given_up_at=given_up)
            self._guard.suspend(claims([fate.failed for fate in logged]), owner, failed_at=now, given_up_at=given_up)
        self._guard.release(claims([fate.failed for fate in refused]), owner, failed_at=now)

    def _log(self, fates: Sequence[_Fate], held: Mapping[str, GuardClaim]) -> list[tuple[Outcome, bool]]:
        if not fates:
            return []
        now = self._clock()
        states = self._log_failures([_entry(fate, held.get(fate.failed.change.correlation_id), now) for fate in fates])
        return [
            (_outcome(fate.failed, state or fate.step.state), state is not None)
            for fate, state in zip(fates, states, strict=True)
        ]

    def _defer(self, fates: Sequence[_Fate]) -> list[tuple[Outcome, bool]]:
        by_delay: dict[int, list[_Fate]] = defaultdict(list)
        for fate in fates:
            by_delay[fate.step.delay_s].append(fate)
        sent: list[tuple[Outcome, bool]] = []
        for delay_s, group in by_delay.items():
            changes = [_moved_on(fate) for fate in group]
            try:
                are_sent = self._inbound.send(changes, delay_s=delay_s)
            except SyncError:
                # The messages that brought the changes must come again.
                are_sent = [False] * len(changes)
            sent += zip((fate.failed.outcome(State.QUEUED) for fate in group), are_sent, strict=True)
        return sent


def _own(done: Sequence[Done]) -> list[Resolution]:
    return [Resolution(each.change.correlation_id, each.state) for each in done if each.change.is_logged]


def _record_of(claim: GuardClaim) -> RecordName:
    return RecordName(claim.source, claim.object_name, claim.external_id)


def _moved_on(fate: _Fate) -> Change:
    change, step = fate.failed.change, fate.step
    return change.model_copy(
        update={"deferrals": step.deferrals, "tries": step.tries, "is_unsure": _is_unsure(fate.failed)}
    )


def _is_unsure(failed: Failed) -> bool:
    """True until it is known: a failure after a write of unknown outcome does not tell of that one."""
    return failed.change.is_unsure or failed.is_unknown


def _outcome(failed: Failed, state: State) -> Outcome:
    """Return what the change log is told; the error log may know that the change is settled."""
    return Outcome(failed.change, state) if state.is_settled else failed.outcome(state)


def _entry(fate: _Fate, claim: GuardClaim | None, now: datetime) -> ErrorEntry:
    failed, step = fate.failed, fate.step
    failure = failed.failure
    return ErrorEntry(
        correlation_id=failed.change.correlation_id,
        status=EntryStatus(step.state.value),
        failure_kind=failure.kind.value,
        detail=failure.detail,
        updated_at=now,
        created_at=now,
        change=failed.change.model_copy(update={"is_unsure": _is_unsure(failed)}),
        object_name=claim.object_name if claim else failed.object_name,
        error_code=failure.error_code,
        vendor_message=failure.vendor_message,
        record=dump_json({**failed.record}) if failed.record is not None else None,
        tries=step.tries,
        next_try_at=now + timedelta(seconds=step.delay_s) if step.state is State.RETRYING else None,
        attempts=(FailedTry(now, failure.kind.value, failure.error_code),),
    )
