"""Opens the circuit where the org refuses everybody, and keeps a lane from calling while it is open."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from lockstep.domain.budget import ApiBudget, Lane, Usage, is_worth_sharing, newest
from lockstep.domain.circuit import Circuit, Reason, Trouble, closed, hurried, opened
from lockstep.domain.connection_signs import OPENS_AT_ONCE, OPENS_WHEN_NOTHING_ELSE_COMES, SAID_BY_THE_ORG
from lockstep.domain.credentials import Credentials, fingerprint
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.connection import Bell, CircuitStore, UsageMeter, UsageStore

# How long a container may believe what it read: a batch takes longer.
CIRCUIT_MAX_AGE_S = 5
USAGE_MAX_AGE_S = 60
SILENT_BATCHES_TO_OPEN = 3
# What waits is sent anew after half of it to all of it. A minute, because the lane is switched off by then.
WAIT_S = 60
LOW_LANE_WAIT_S = 600
_MOST_RACES = 10

Change = Callable[[Circuit], Circuit | None]


def advance(circuits: CircuitStore, change: Change) -> tuple[Circuit, bool]:
    """Change the circuit, however many try at once.

    Args:
        circuits: Where it is.
        change: Given the circuit as it is, returns what it should be; None where there is nothing to change.

    Returns:
        The circuit as it is then, and whether this call changed it.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    for _ in range(_MOST_RACES):
        circuit = circuits.load()
        wanted = change(circuit)
        if wanted is None:
            return circuit, False
        if circuits.save(wanted):
            return wanted, True
    raise SyncError(FailureKind.AWS_UNAVAILABLE, "the circuit is changed faster than it can be read", retry_after_s=5)


def close_circuit(circuits: CircuitStore, why: str, now: datetime) -> bool:
    """Close the circuit by hand, as after a new sign-in; False where it is not open.

    The monitor switches the lanes on and tells people, within a minute or when it is invoked.

    Args:
        circuits: Where it is.
        why: For people, as in "closed by …".
        now: The time.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    return advance(circuits, lambda circuit: closed(circuit, why, now))[1]


def hurry_probe(circuits: CircuitStore, now: datetime) -> Circuit:
    """Let the monitor's next run try an open circuit's connection, whenever that would have been due.

    Returns:
        The circuit as it is then.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    return advance(circuits, lambda circuit: hurried(circuit, now))[0]


def mark_of(credentials: Callable[[], Credentials]) -> str:
    """Mark the credentials, so that the next ones are told from them; what cannot be read has the mark "".

    The secret holds the session, too, which changes by itself.
    """
    try:
        return fingerprint(credentials())
    except SyncError:
        return ""  # that they cannot be read is why somebody asks; some that can are others


class Breaker:
    """Implements `ports.connection.ConnectionWatch`.

    Args:
        lane: Who asks; the least urgent waits first when calls get scarce.
        credentials: Reads them from the connection's secret.
        on_trouble: Is told what could not be read or stored; the lane goes on by what it knows.
    """

    def __init__(  # noqa: PLR0913 - its collaborators
        self,
        *,
        circuits: CircuitStore,
        usages: UsageStore,
        meter: UsageMeter,
        bell: Bell,
        budget: ApiBudget,
        lane: Lane,
        credentials: Callable[[], Credentials],
        clock: Callable[[], datetime],
        on_trouble: Callable[[SyncError], None],
    ) -> None:
        self._circuits = circuits
        self._usages = usages
        self._meter = meter
        self._bell = bell
        self._budget = budget
        self._lane = lane
        self._credentials = credentials
        self._clock = clock
        self._on_trouble = on_trouble
        self._circuit = Circuit()
        self._circuit_at: datetime | None = None
        self._shared: Usage | None = None
        self._shared_at: datetime | None = None
        self._saved_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._silent_batches = 0

    def refusal(self) -> SyncError | None:
        """Return why nothing may be called now."""
        self._asked_at = self._clock()
        self._refresh()
        if self._circuit.is_closed and (scarce := self._scarce()):
            if self._lane is not Lane.WEBHOOKS:
                return SyncError(FailureKind.CIRCUIT_OPEN, scarce.detail, retry_after_s=LOW_LANE_WAIT_S)
            self._try(lambda: self._open(scarce))
            return _waiting(scarce.reason, scarce.detail)
        if self._circuit.is_closed or self._circuit.reason is None:
            return None
        return _waiting(self._circuit.reason, self._circuit.detail)

    def learn(self, failures: Sequence[SyncError], *, has_answered: bool) -> None:
        """Open the circuit where the failures, or the calls left, ask for it."""
        trouble = self._trouble(failures, has_answered=has_answered)
        if trouble is None and self._lane is Lane.WEBHOOKS:
            trouble = self._scarce()
        if trouble is not None:
            self._try(lambda: self._open(trouble))
        self._try(self._share)

    def _trouble(self, failures: Sequence[SyncError], *, has_answered: bool) -> Trouble | None:
        for failure in failures:
            if (reason := OPENS_AT_ONCE.get(failure.kind)) and not self._is_denied(reason, has_answered=has_answered):
                mark = mark_of(self._credentials) if reason is Reason.SIGN_IN_REFUSED else ""
                return Trouble(reason, failure.detail, mark)
        return self._silence(failures, has_answered=has_answered)

    def _silence(self, failures: Sequence[SyncError], *, has_answered: bool) -> Trouble | None:
        """Count the batches to which the org said nothing but that it cannot."""
        silent = next((failure for failure in failures if failure.kind in OPENS_WHEN_NOTHING_ELSE_COMES), None)
        if has_answered or any(failure.kind in SAID_BY_THE_ORG for failure in failures):
            self._silent_batches = 0
        elif silent is not None:
            self._silent_batches += 1
        if silent is None or self._silent_batches < SILENT_BATCHES_TO_OPEN:
            return None
        self._silent_batches = 0
        reason = OPENS_WHEN_NOTHING_ELSE_COMES[silent.kind]
        usage = self._meter.latest
        if reason is Reason.CONCURRENT_LIMIT and usage is not None and usage.left == 0:
            reason = Reason.DAILY_LIMIT_SPENT  # the numbers are not worded
        return Trouble(reason, silent.detail)

    def _is_denied(self, reason: Reason, *, has_answered: bool) -> bool:
        """True where another limit than that of the calls was meant: the org has answered, and says that some are left.

        LIMIT_EXCEEDED is the code of many limits.
        """
        usage = self._meter.latest
        is_plenty = usage is not None and usage.left > self._budget.left_alone(Lane.WEBHOOKS, usage.maximum)
        return reason is Reason.DAILY_LIMIT_SPENT and has_answered and is_plenty

    def _scarce(self) -> Trouble | None:
        """Say that the lane must leave the calls that are left to others."""
        usage = newest(self._meter.latest, self._shared)
        since = self._circuit.since
        # What was read before the circuit closed is why it was open.
        if usage is None or (since is not None and usage.read_at <= since):
            return None
        if self._budget.may_call(self._lane, usage, self._clock()):
            return None
        return Trouble(Reason.DAILY_LIMIT_SPENT, self._budget.why_not(self._lane, usage))

    def _open(self, trouble: Trouble) -> None:
        now = self._clock()

        def change(circuit: Circuit) -> Circuit | None:
            # Closed since the batch began: what it met may be mended.
            is_old_news = circuit.since is not None and self._asked_at is not None and circuit.since > self._asked_at
            return None if is_old_news else opened(circuit, trouble, now)

        self._circuit, is_ours = advance(self._circuits, change)
        self._circuit_at = now
        if is_ours:
            self._bell.ring()

    def _refresh(self) -> None:
        now = self._clock()
        if _is_older(self._circuit_at, CIRCUIT_MAX_AGE_S, now):
            self._circuit_at = now
            self._try(self._load_circuit)
        if _is_older(self._shared_at, USAGE_MAX_AGE_S, now):
            self._shared_at = now
            self._try(self._load_usage)

    def _load_circuit(self) -> None:
        self._circuit = self._circuits.load()

    def _load_usage(self) -> None:
        self._shared = self._usages.load()

    def _share(self) -> None:
        """Let others know, at most once a minute."""
        usage, now = self._meter.latest, self._clock()
        if usage is None or not _is_older(self._saved_at, USAGE_MAX_AGE_S, now):
            return
        if is_worth_sharing(usage, self._shared, self._budget, now):
            self._usages.save(usage)
            self._shared, self._saved_at = usage, now

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except SyncError as exc:
            self._on_trouble(exc)


def _is_older(at: datetime | None, age_s: int, now: datetime) -> bool:
    return at is None or now - at > timedelta(seconds=age_s)


def _waiting(reason: Reason, detail: str) -> SyncError:
    return SyncError(
        FailureKind.CIRCUIT_OPEN,
        f"the connection with Salesforce is interrupted ({reason}): {detail}. The change waits, no try is spent",
        retry_after_s=WAIT_S,
    )
