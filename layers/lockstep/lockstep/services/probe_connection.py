"""Tries the connection with one cheap call: when the circuit is open, and now and then while it is closed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from lockstep.domain.budget import ApiBudget, Lane, Usage
from lockstep.domain.circuit import (
    Circuit,
    Reason,
    Trouble,
    closed,
    half_opened,
    is_probe_due,
    opened,
    reopened,
)
from lockstep.domain.connection_signs import OPENS_AT_ONCE, REASON_BY_KIND
from lockstep.domain.credentials import Credentials
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.connection import CircuitStore, OrgLimits, UsageStore
from lockstep.services.breaker import advance, mark_of

# Salesforce, GET limits: values are right within five minutes.
USAGE_MAX_AGE_S = 300
# These say nothing about the org: it was not reached, or others were in the way.
_UNDECIDED = {FailureKind.AWS_UNAVAILABLE, FailureKind.SIGN_IN_BUSY, FailureKind.SESSION_EXPIRED}


class ProbeConnection:
    """Closes, reopens or opens the circuit by what the org answers.

    Args:
        credentials: Reads them from the connection's secret as it is now.
        on_trouble: Is told what a look at a closed circuit's org met, where that does not open it.
    """

    def __init__(
        self,
        *,
        circuits: CircuitStore,
        usages: UsageStore,
        org: OrgLimits,
        budget: ApiBudget,
        credentials: Callable[[], Credentials],
        clock: Callable[[], datetime],
        on_trouble: Callable[[SyncError], None],
    ) -> None:
        self._circuits = circuits
        self._usages = usages
        self._org = org
        self._budget = budget
        self._credentials = credentials
        self._clock = clock
        self._on_trouble = on_trouble

    def probe(self, circuit: Circuit) -> Circuit:
        """Try an open circuit's connection where that is due; return the circuit as it is then.

        Of several that try at once one does.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        mark = mark_of(self._credentials) if circuit.reason is Reason.SIGN_IN_REFUSED else ""
        now = self._clock()
        if not is_probe_due(circuit, now, mark):
            return circuit
        half_open, is_ours = advance(
            self._circuits, lambda each: half_opened(each, now) if each.revision == circuit.revision else None
        )
        return self._ended(half_open) if is_ours else half_open

    def look(self) -> Usage | None:
        """Ask a closed circuit's org for its API usage every five minutes, and open the circuit where that must be.

        So a sign-in that was revoked is found while nothing is written, too.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        usage = self._usages.load()
        trouble = None
        if usage is None or self._clock() - usage.read_at >= timedelta(seconds=USAGE_MAX_AGE_S):
            mark = mark_of(self._credentials)
            try:
                usage = self._asked()
            except SyncError as exc:
                trouble = self._seen(exc, mark)
        trouble = trouble or self._scarce(usage)
        if trouble is not None:
            found = trouble
            advance(self._circuits, lambda circuit: self._opened(circuit, found, usage))
        return usage

    def _ended(self, half_open: Circuit) -> Circuit:
        """Try, and end the probe; nothing where somebody has closed the circuit meanwhile, or begun another probe."""
        trouble = self._trouble(half_open)
        now = self._clock()

        def change(circuit: Circuit) -> Circuit | None:
            if circuit.turn != half_open.turn or circuit.probes != half_open.probes:
                return None
            return closed(circuit, "a probe", now) if trouble is None else reopened(circuit, trouble, now)

        return advance(self._circuits, change)[0]

    def _trouble(self, circuit: Circuit) -> Trouble | None:
        """Return why the circuit must stay open, or None."""
        mark = mark_of(self._credentials)
        try:
            usage = self._asked()
        except SyncError as exc:
            if exc.kind in _UNDECIDED and circuit.reason is not None:
                return Trouble(circuit.reason, circuit.detail, mark)
            reason = REASON_BY_KIND.get(exc.kind)
            # Any other answer, as a missing right, comes from an org that works.
            return Trouble(reason, exc.detail, mark) if reason else None
        return self._scarce(usage)

    def _asked(self) -> Usage | None:
        usage = self._org.usage()
        if usage is not None:
            self._usages.save(usage)
        return usage

    def _seen(self, failure: SyncError, mark: str) -> Trouble | None:
        reason = OPENS_AT_ONCE.get(failure.kind)
        # A stack whose secret has not been stored yet is not interrupted; the first change that needs it says so.
        if reason is not None and failure.kind is not FailureKind.CONFIGURATION_INVALID:
            return Trouble(reason, failure.detail, mark)
        self._on_trouble(failure)
        return None

    def _scarce(self, usage: Usage | None) -> Trouble | None:
        if usage is None or self._budget.may_call(Lane.WEBHOOKS, usage, self._clock()):
            return None
        return Trouble(Reason.DAILY_LIMIT_SPENT, self._budget.why_not(Lane.WEBHOOKS, usage))

    def _opened(self, circuit: Circuit, trouble: Trouble, usage: Usage | None) -> Circuit | None:
        is_old_news = (
            trouble.reason is Reason.DAILY_LIMIT_SPENT
            and usage is not None
            and circuit.since is not None
            and usage.read_at <= circuit.since
        )
        return None if is_old_news else opened(circuit, trouble, self._clock())
