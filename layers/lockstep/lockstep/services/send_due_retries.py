"""Sends what is due in the error log back to the queue, oldest first."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from lockstep.domain.error_log import DueRetry
from lockstep.ports import InboundQueue
from lockstep.ports.connection import CircuitStore
from lockstep.ports.error_log import ErrorLog

AT_ONCE = 500
# Whoever has claimed a retry may die before the queue has it: then it is due again. Longer than a change is on its way.
AGAIN_AFTER = timedelta(minutes=30)


@dataclass(slots=True)
class RetryReport:
    """What a run did. `taken` were claimed by another run; `kept` are due again later, for the queue refused them.

    `unreadable` were written by another version of Lockstep. `is_held` says that nothing was sent at all,
    because the circuit is open.
    """

    sent: int = 0
    taken: int = 0
    kept: int = 0
    unreadable: int = 0
    is_complete: bool = True
    is_held: bool = False


class SendDueRetries:
    """The retry function's use case: claims each due entry by putting it off, then sends its change."""

    def __init__(
        self,
        *,
        error_log: ErrorLog,
        inbound: InboundQueue,
        circuits: CircuitStore,
        clock: Callable[[], datetime],
    ) -> None:
        self._error_log = error_log
        self._inbound = inbound
        self._circuits = circuits
        self._clock = clock

    def __call__(self, has_time: Callable[[], bool]) -> RetryReport:
        """Send until nothing is due or the time is up; what is left is sent by the next run.

        Raises:
            SyncError: AWS_UNAVAILABLE; what was claimed and not sent is due again later.
        """
        report = RetryReport(is_held=not self._circuits.load().is_closed)
        if report.is_held:
            return report
        for due in _parts(self._error_log.due(self._clock())):
            if not has_time():
                report.is_complete = False
                break
            self._send(due, report)
        return report

    def _send(self, due: list[DueRetry], report: RetryReport) -> None:
        entries = self._error_log.claim(due, self._clock() + AGAIN_AFTER)
        changes = [entry.change for entry in entries if entry.change is not None]
        are_sent = self._inbound.send(changes) if changes else ()
        report.sent += sum(are_sent)
        report.kept += len(changes) - sum(are_sent)
        report.taken += len(due) - len(entries)
        report.unreadable += len(entries) - len(changes)


def _parts(due: Iterable[DueRetry]) -> Iterator[list[DueRetry]]:
    rest = iter(due)
    while part := list(islice(rest, AT_ONCE)):
        yield part
