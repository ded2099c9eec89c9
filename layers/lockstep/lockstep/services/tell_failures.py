"""Tells people of failures that need them, and shows the failures in the org."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lockstep.domain.error_log import ErrorEntry
from lockstep.domain.failure_digest import FailureReason, alert_of, due, taken_in, told
from lockstep.domain.failures import SyncError
from lockstep.ports import Alerts, Leases
from lockstep.ports.error_log import DigestStore, ErrorLog
from lockstep.services.mirror_failures import MirrorFailures

ENTRIES_AT_ONCE = 200  # one call to the org, and with their payloads at most 40 MB
# Longer than the function may run; a run that died leaves its entries to the next.
TELLING_LEASE_S = 90
LEASE = "tell-failures"


@dataclass(slots=True)
class TellReport:
    """What was done.

    `reasons` are those that people were told of, `shown` counts entries that the org shows. `troubles` could not be
    done: what the org refused is not tried again, everything else is by the next run.
    """

    reasons: list[FailureReason] = field(default_factory=list)
    shown: int = 0
    troubles: list[SyncError] = field(default_factory=list)


class TellFailures:
    """Takes what is new in the error log to people and to the org.

    One run at a time. Killed between any two steps it counts or shows some entries twice, and forgets none.

    Args:
        mirror: None where the org should not show them.
    """

    def __init__(
        self,
        *,
        error_log: ErrorLog,
        digests: DigestStore,
        alerts: Alerts,
        leases: Leases,
        mirror: MirrorFailures | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._error_log = error_log
        self._digests = digests
        self._alerts = alerts
        self._leases = leases
        self._mirror = mirror
        self._clock = clock

    def __call__(self, has_time: Callable[[], bool]) -> TellReport:
        """Work until nothing is new, or time is nearly over.

        Raises:
            SyncError: AWS_UNAVAILABLE; CONFIGURATION_INVALID where the digest cannot be read.
        """
        report = TellReport()
        if not self._leases.take(LEASE, TELLING_LEASE_S, self._clock()):
            return report
        try:
            while has_time():
                entries = self._error_log.news(ENTRIES_AT_ONCE)
                if not entries or not self._are_done(entries, report):
                    break
            self._tell(report)
        finally:
            self._leases.give_back(LEASE)
        return report

    def _are_done(self, entries: Sequence[ErrorEntry], report: TellReport) -> bool:
        """Show and count the entries; False where the org is out of reach, and all of it waits."""
        if self._mirror is not None:
            mirrored = self._mirror(entries)
            report.shown += mirrored.shown
            report.troubles += mirrored.troubles
            if mirrored.must_wait:
                return False
        self._digests.save(taken_in(self._digests.load(), entries))
        self._error_log.mark_told(entries)
        return True

    def _tell(self, report: TellReport) -> None:
        now = self._clock()
        digest = self._digests.load()
        reasons = due(digest, now)
        if not reasons:
            return
        try:
            self._alerts.tell(*alert_of(reasons))
        except SyncError as exc:
            report.troubles.append(exc)  # the next run tells
            return
        report.reasons = reasons
        self._digests.save(told(digest, reasons, now))
