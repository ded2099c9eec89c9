"""Looks at the comparison of a load with the org, and does what is due; killed anywhere, it goes on where it was."""

from collections.abc import Callable
from datetime import datetime, timedelta

from lockstep.domain.chunks import ChunkMessage
from lockstep.domain.comparisons import Comparison, Stage, question
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.domain.loads import Load, LoadState
from lockstep.ports.connection import ConnectionWatch
from lockstep.services.comparison_steps import ComparisonSteps
from lockstep.services.finish_load import FinishLoad
from lockstep.services.load_desk import LoadDesk
from lockstep.services.poll_job import PollReport
from lockstep.services.tell_loads import tell_list_stuck

_CLOCK_SKEW = timedelta(seconds=2)
_FAILED_LOOK_WAIT_S = 30
_MOST_TRIES = 5
_NO_LIST = (FailureKind.JOB_STATE_CHANGED, FailureKind.BULK_JOB_FAILED, FailureKind.BULK_JOB_ABORTED)


class CompareFile:
    """One look at one comparison, as many steps as there is time for.

    Args:
        lease_s: How long the function has a comparison; longer than it runs.
        stuck_after_s: After so long somebody is told that the query job has not ended; it is watched on.
    """

    def __init__(
        self,
        *,
        desk: LoadDesk,
        steps: ComparisonSteps,
        connection: ConnectionWatch,
        finish: FinishLoad,
        clock: Callable[[], datetime],
        lease_s: int,
        stuck_after_s: int,
    ) -> None:
        self._desk = desk
        self._steps = steps
        self._connection = connection
        self._finish = finish
        self._clock = clock
        self._lease = timedelta(seconds=lease_s)
        self._stuck_after = timedelta(seconds=stuck_after_s)

    def __call__(self, message: ChunkMessage, has_time: Callable[[], bool]) -> PollReport:
        """Look, and do what is due.

        Raises:
            SyncError: AWS_UNAVAILABLE; the message must come again.
        """
        load = self._desk.book.load(message.load_id)
        comparison = load.comparison if load else None
        if load is None or comparison is None or load.state in (LoadState.DONE, LoadState.STOPPED):
            return PollReport("ignored", message.load_id, message.number, message.attempt)
        if comparison.is_over or load.state is LoadState.WAITING:
            return self._told(load, comparison)  # whoever came so far may have died before it told
        if comparison.held_until is not None and comparison.held_until > self._clock() + _CLOCK_SKEW:
            return _report("early", load)
        return self._looked(load, comparison, has_time)

    def _looked(self, load: Load, comparison: Comparison, has_time: Callable[[], bool]) -> PollReport:
        if refusal := self._connection.refusal():
            self._later(load, comparison, refusal.retry_after_s or _FAILED_LOOK_WAIT_S)
            return _report("refused", load, failure=refusal)
        claimed = self._saved(load, comparison.changed(held_until=self._clock() + self._lease))
        if claimed is None:
            return _report("early", load)
        try:
            return self._stepped(claimed, has_time)
        except SyncError as exc:
            if exc.kind is FailureKind.AWS_UNAVAILABLE:
                raise
            return self._failed(load, exc)

    def _stepped(self, load: Load, has_time: Callable[[], bool]) -> PollReport:
        """Step by step; each is stored before the next."""
        present, before = load, load.comparison
        while before is not None:
            comparison, delay_s = self._steps(present, before, has_time)
            comparison = self._watched(present, before, comparison)
            if before.stage in (Stage.QUERYING, Stage.READING):
                self._connection.learn([], has_answered=True)
            ends = comparison.is_over or comparison.stage is Stage.ASKING
            saved = self._asking(present, comparison) if ends else self._saved(present, comparison)
            if saved is None:
                return _report("taken", present)
            if ends:
                return self._told(saved, comparison)
            if delay_s or not has_time():
                self._later(saved, comparison, delay_s)
                return _report("comparing", saved)
            present, before = saved, comparison
        raise AssertionError("a load that is compared has a comparison")

    def _watched(self, load: Load, before: Comparison, comparison: Comparison) -> Comparison:
        """Note when the org was asked for its list, and tell people once where it takes long."""
        if comparison.job_id != before.job_id:
            return comparison.changed(asked_at=self._clock())
        if not comparison.is_late(self._clock(), self._stuck_after):
            return comparison
        tell_list_stuck(self._desk, load, comparison, self._stuck_after)
        return comparison.changed(told_stuck=True)

    def _asking(self, load: Load, comparison: Comparison) -> Load | None:
        free = comparison.changed(held_until=None)
        if comparison.stage is not Stage.ASKING:
            return self._saved(load, free)
        return self._saved(load, free, state=LoadState.WAITING, waits_for=question(comparison))

    def _told(self, load: Load, comparison: Comparison) -> PollReport:
        if load.state is LoadState.WAITING:
            self._desk.tell.waits(load)
            return _report("waiting", load)
        if comparison.stage is Stage.NOT_MADE:
            self._desk.tell.tell(f"load#{load.load_id}#not-whole", _NOT_WHOLE, _not_whole(load, comparison))
        return _report("compared", load, load_has_ended=self._finish(load.load_id))

    def _failed(self, load: Load, failure: SyncError) -> PollReport:
        """Look again later; without a list of the org another is made, and nothing that was read counts."""
        self._connection.learn([failure], has_answered=False)
        present = self._desk.book.load(load.load_id)
        if present is None or present.comparison is None or present.state is not load.state:
            return _report("failed", load, failure=failure)
        comparison = present.comparison.anew() if failure.kind in _NO_LIST else present.comparison
        tries = comparison.tries + (failure.disposition is not Disposition.HALT)
        if failure.disposition is Disposition.PERSON or tries >= _MOST_TRIES:
            self._park(present, comparison.changed(tries=0, held_until=None), failure)
        else:
            wait_s = failure.retry_after_s or _FAILED_LOOK_WAIT_S * max(tries, 1)
            self._later(present, comparison.changed(tries=tries), wait_s)
        return _report("failed", present, failure=failure)

    def _park(self, load: Load, comparison: Comparison, failure: SyncError) -> None:
        why = f"what the file does not name could not be found out: {failure.detail}"
        if waiting := self._saved(load, comparison, state=LoadState.WAITING, waits_for=why):
            self._desk.tell.waits(waiting)

    def _later(self, load: Load, comparison: Comparison, delay_s: int) -> None:
        """Store when the next look is due, then let it come."""
        if saved := self._saved(load, comparison.changed(held_until=self._clock() + timedelta(seconds=delay_s))):
            self._desk.compare_later(saved, delay_s)

    def _saved(self, load: Load, comparison: Comparison, **changes: object) -> Load | None:
        changed = load.changed(comparison=comparison, updated_at=self._clock(), **changes)
        return changed if self._desk.book.save_load(changed) else None


_NOT_WHOLE = "Lockstep: a file is not the whole truth"


def _not_whole(load: Load, comparison: Comparison) -> str:
    return (
        f"The file {load.name} for the route {load.route} (load {load.load_id}) was not compared with the org: "
        f"{comparison.why}. Nothing was taken for missing; its rows were loaded.\n\n"
        f"`lockstep load show {load.load_id}` shows them. Correct the file, and drop it again."
    )


def _report(done: str, load: Load, *, failure: SyncError | None = None, load_has_ended: bool = False) -> PollReport:
    run = load.comparison.run if load.comparison else 1
    return PollReport(done, load.load_id, load.chunks, run, failure=failure, load_has_ended=load_has_ended)


class PollOrCompare:
    """What the poll queue's messages ask for."""

    def __init__(
        self,
        poll: Callable[[ChunkMessage, Callable[[], bool]], PollReport],
        compare: Callable[[ChunkMessage, Callable[[], bool]], PollReport],
    ) -> None:
        self._poll = poll
        self._compare = compare

    def __call__(self, message: ChunkMessage, has_time: Callable[[], bool]) -> PollReport:
        """Look at a chunk's job, or at the load's comparison.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        return (self._compare if message.compares else self._poll)(message, has_time)
