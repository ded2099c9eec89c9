"""What is known of a stack's connection with its org, and whether it is well."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from cli.auth_connection import load_circuit, load_usage, session_broker, waiting_changes
from cli.auth_org import OrgFacts, ask_org, other_org
from cli.auth_settle import Desk
from lockstep.adapters.api_meter import ApiMeter
from lockstep.domain.circuit import Circuit
from lockstep.domain.connection import read_session
from lockstep.domain.credentials import grant_of, read_credentials
from lockstep.domain.failures import FailureKind, SyncError

# These say for sure that nothing can be written; whatever else goes wrong may lie between here and the org.
_SURELY_WRONG = {
    FailureKind.CREDENTIALS_REJECTED,
    FailureKind.CONFIGURATION_INVALID,
    FailureKind.SESSION_EXPIRED,
    FailureKind.API_LIMIT_EXCEEDED,
    FailureKind.PERMISSION_DENIED,
}
_NOBODY = "nobody has signed in for this stack: `lockstep auth login`"


class Verdict(IntEnum):
    """Whether the connection is well; the value is the command's exit code."""

    HEALTHY = 0
    UNHEALTHY = 1
    UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class Status:
    """The connection; None and "" where it is not known. Holds no token and no secret."""

    stack: str
    login_url: str
    verdict: Verdict
    problem: str = ""
    instance_url: str = ""
    grant: str = ""
    username: str = ""
    org_id: str = ""
    org_name: str = ""
    org_kind: str = ""
    scopes: tuple[str, ...] = ()
    signed_in_at: datetime | None = None
    session_ends_at: datetime | None = None
    circuit: str = ""
    circuit_reason: str = ""
    circuit_since: datetime | None = None
    next_probe_at: datetime | None = None
    waiting_changes: int | None = None
    calls: int | None = None
    allowed_calls: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs; instants in ISO 8601."""
        values = asdict(self) | {"verdict": self.verdict.name.lower(), "scopes": list(self.scopes)}
        return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}

    def lines(self) -> Iterator[tuple[str, str]]:
        """Give it for people."""
        org = f"{self.org_name or '(name unknown)'} ({self.org_id or 'id unknown'})"
        yield "stack", self.stack
        yield "login URL", self.login_url
        yield "instance", self.instance_url or "unknown"
        yield "grant", self.grant or "none"
        yield "user", self.username or "unknown"
        yield "org", f"{org}, {self.org_kind}" if self.org_kind else org
        yield "scopes", " ".join(self.scopes) or "unknown"
        yield "last sign-in", _shown(self.signed_in_at)
        yield "session ends", _shown(self.session_ends_at)
        yield "circuit", self._circuit()
        yield "changes waiting", "unknown" if self.waiting_changes is None else f"about {self.waiting_changes}"
        yield "API calls", "unknown" if self.calls is None else f"{self.calls} of {self.allowed_calls} in 24 hours"
        yield "verdict", self.verdict.name.lower()

    def _circuit(self) -> str:
        since = f", since {_shown(self.circuit_since)}" if self.circuit_since else ""
        if self.next_probe_at is None:
            return f"{self.circuit}{since}"
        return f"{self.circuit}: {self.circuit_reason}{since}; next probe {_shown(self.next_probe_at)}"


def read_status(desk: Desk, now: datetime) -> Status:
    """Read what is stored, and ask the org while the circuit is closed.

    A session that has ended is renewed as a function would renew it.

    Raises:
        SyncError: AWS refuses.
    """
    circuit = load_circuit(desk.stack)
    status = _with_circuit(
        Status(str(desk.stack), desk.stack.login_url, Verdict.HEALTHY, waiting_changes=waiting_changes(desk.stack)),
        circuit,
    )
    if not desk.secret.read():
        return replace(status, verdict=Verdict.UNHEALTHY, problem=_NOBODY)
    meter = ApiMeter(lambda: now)
    meter.watch(desk.session)
    status = _asked(desk, status) if circuit.is_closed else status
    usage = meter.latest or load_usage(desk.stack)
    if usage is not None:
        status = replace(status, calls=usage.used, allowed_calls=usage.maximum)
    return _with_secret(status, desk.secret.read(), desk.secret.name)


def _with_circuit(status: Status, circuit: Circuit) -> Status:
    known = replace(status, circuit=circuit.position.value, circuit_since=circuit.since)
    if circuit.is_closed or circuit.reason is None:
        return known
    return replace(
        known,
        verdict=Verdict.UNHEALTHY,
        problem=circuit.detail,
        circuit_reason=circuit.reason.value,
        next_probe_at=circuit.next_probe_at,
    )


def _asked(desk: Desk, status: Status) -> Status:
    try:
        former = desk.secret.read()  # a new session brings its own org's id into it
        facts = _facts(desk)
        other = other_org(former, facts)
    except SyncError as exc:
        verdict = Verdict.UNHEALTHY if exc.kind in _SURELY_WRONG else Verdict.UNKNOWN
        return replace(status, verdict=verdict, problem=exc.detail)
    status = replace(status, username=facts.username, org_id=facts.org_id, org_name=facts.name, org_kind=facts.kind)
    if other is None:
        return status
    problem = f"the credentials are of the org {facts.org_id}, and this stack has served {other}: `lockstep auth login`"
    return replace(status, verdict=Verdict.UNHEALTHY, problem=problem)


def _facts(desk: Desk) -> OrgFacts:
    """Ask the org, with one new session where it does not know the old one."""
    broker = session_broker(desk.stack, desk.secret, desk.endpoint)
    token = broker.token()
    try:
        return ask_org(desk.endpoint, desk.session, token)
    except SyncError as exc:
        if exc.kind is not FailureKind.SESSION_EXPIRED:
            raise
    broker.discard(token)
    return ask_org(desk.endpoint, desk.session, broker.token())


def _with_secret(status: Status, secret: Mapping[str, str], name: str) -> Status:
    """Add what the secret tells; nothing of it that signs in."""
    try:
        grant, session = grant_of(read_credentials(secret, name)).value, read_session(secret, name)
    except SyncError as exc:
        return replace(status, verdict=Verdict.UNHEALTHY, problem=exc.detail)
    return replace(
        status,
        grant=grant,
        instance_url=session.token.instance_url if session else secret.get("instance_url", ""),
        username=status.username or secret.get("username", ""),
        org_id=status.org_id or secret.get("org_id", ""),
        scopes=tuple(secret.get("scope", "").split()),
        signed_in_at=session.issued_at if session else None,
        session_ends_at=session.expires_at if session else None,
    )


def _shown(at: datetime | None) -> str:
    return at.astimezone().isoformat(sep=" ", timespec="seconds") if at else "unknown"
