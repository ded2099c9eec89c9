"""Books rows that failed or go another way, as the changes that they are."""

from collections.abc import Callable, Sequence
from datetime import datetime

from lockstep.domain.changes import Change
from lockstep.domain.error_log import RecordName
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.messages import fits_one_message
from lockstep.domain.row_counts import RowCounts
from lockstep.domain.row_places import counts_of
from lockstep.domain.verdicts import Failed
from lockstep.ports import ChangeLog, ClaimAnswer, InboundQueue, PayloadStore, VersionGuard
from lockstep.services.check_routes import Gate
from lockstep.services.settle_changes import SettleChanges


class SettleRows:
    """Safe to repeat: a change has one name, and what is settled stays so."""

    def __init__(
        self,
        *,
        gate: Gate,
        change_log: ChangeLog,
        guard: VersionGuard,
        settle_changes: SettleChanges,
        inbound: InboundQueue,
        payloads: PayloadStore,
        clock: Callable[[], datetime],
    ) -> None:
        self._gate = gate
        self._change_log = change_log
        self._guard = guard
        self._settle_changes = settle_changes
        self._inbound = inbound
        self._payloads = payloads
        self._clock = clock

    def failed(self, failures: Sequence[Failed], place: str, has_time: Callable[[], bool]) -> RowCounts:
        """Store failures; those that are tried again soon go to the inbound queue.

        Args:
            failures: Each of another change.
            place: `rejected` or `logged`: where those count that the error log keeps.
            has_time: False when no further call to the org should be begun.

        Raises:
            SyncError: AWS_UNAVAILABLE; all must come again.
        """
        verdicts = self._gate.reconsider(failures, has_time)
        # A newer version that succeeds looks for older failures only where the guard says that there are some.
        names = [RecordName(each.change.source, each.object_name, each.change.external_id) for each in failures]
        self._guard.note_failures(names, self._clock())
        self._change_log.claim([each.change for each in verdicts], self._clock())
        settlement = self._settle_changes(verdicts, {}, "")
        if settlement.again:
            raise _unavailable(f"{len(settlement.again)} failed rows could not be stored")
        return counts_of(settlement.outcomes, place)

    def by_rest(self, changes: Sequence[Change]) -> RowCounts:
        """Put changes on the inbound queue, each once.

        Raises:
            SyncError: AWS_UNAVAILABLE; all must come again.
        """
        answers = self._change_log.claim(changes, self._clock())
        # One that is held was claimed by a try of ours that died before it was sent, or after.
        wanted = [each for each, answer in zip(changes, answers, strict=True) if answer is not ClaimAnswer.KNOWN]
        if wanted:
            are_sent = self._inbound.send([self._light(change) for change in wanted])
            if not all(are_sent):
                raise _unavailable(f"the queue did not take {are_sent.count(False)} rows")
            self._change_log.mark_queued(wanted, self._clock())
        return RowCounts(by_rest=len(changes))

    def _light(self, change: Change) -> Change:
        if change.payload is None or fits_one_message(change):
            return change
        reference = self._payloads.put(change.correlation_id, change.payload)
        return change.model_copy(update={"payload": None, "payload_reference": reference})


def _unavailable(detail: str) -> SyncError:
    return SyncError(FailureKind.AWS_UNAVAILABLE, detail, retry_after_s=5)
