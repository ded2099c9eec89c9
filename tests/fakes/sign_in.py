"""What signing in needs, in memory: the secret, the turns, a token endpoint that rotates, a clock that a test moves."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from lockstep.domain.connection import TokenAnswer
from lockstep.domain.credentials import Credentials, RefreshTokenCredentials
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.sign_in import ConnectionSecret, RefreshTurns, TokenEndpoint, Turn
from lockstep.services.session_refresh import SessionRefresh
from lockstep.services.token_broker import TokenBroker

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)
INSTANCE_URL = "https://acme.my.salesforce.com"


class Clock:
    """A time that moves when somebody waits."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


class FakeConnectionSecret:
    """Implements `ConnectionSecret`; `before` and `after` are run around each write."""

    name = "stack/salesforce"

    def __init__(self, **content: str) -> None:
        self.content = content
        self.writes: list[dict[str, str]] = []
        self.reads = 0
        self.outage: SyncError | None = None
        self.write_outage: SyncError | None = None

    def read(self) -> Mapping[str, str]:
        self.reads += 1
        if self.outage:
            raise self.outage
        return dict(self.content)

    def write(self, content: Mapping[str, str]) -> None:
        if self.write_outage:
            raise self.write_outage
        self.content = dict(content)
        self.writes.append(self.content)


@dataclass
class FakeTurns:
    """Implements `RefreshTurns`."""

    owner: str = ""
    until: datetime | None = None
    turn: Turn = field(default_factory=Turn)
    outage: SyncError | None = None

    def take(self, owner: str, lease_s: int, now: datetime) -> Turn | None:
        if self.outage:
            raise self.outage
        if self.until and self.until > now:
            return None
        self.owner, self.until = owner, now + timedelta(seconds=lease_s)
        return self.turn

    def mark(self, owner: str, mark: str) -> bool:
        if owner != self.owner:
            return False
        self.turn = Turn(mark, self.turn.spent)
        return True

    def end(self, owner: str, *, forgets_mark: bool, spent: str = "") -> None:
        if owner != self.owner:
            return
        self.owner, self.until = "", None
        self.turn = Turn("" if forgets_mark else self.turn.unfinished, spent or self.turn.spent)


@dataclass
class FakeEndpoint:
    """Implements `TokenEndpoint`: one refresh token is good, each use replaces it where `rotates`."""

    good: str = "r0"
    rotates: bool = True
    life_s: int | None = None
    instance_url: str = INSTANCE_URL
    failures: list[SyncError] = field(default_factory=list)
    asked: list[Credentials] = field(default_factory=list)
    answers: list[TokenAnswer] = field(default_factory=list)

    def sign_in(self, credentials: Credentials) -> TokenAnswer:
        self.asked.append(credentials)
        if self.failures:
            raise self.failures.pop(0)
        number = len(self.asked)
        if isinstance(credentials, RefreshTokenCredentials):
            if credentials.refresh_token != self.good:
                raise SyncError(FailureKind.CREDENTIALS_REJECTED, "expired", error_code="invalid_grant")
            if self.rotates:
                self.good = f"r{number}"
        answer = TokenAnswer(f"a{number}", self.instance_url, self.good if self.rotates else "", "api")
        self.answers.append(answer)
        return answer

    def remaining_s(self, credentials: Credentials, answer: TokenAnswer) -> int | None:
        return self.life_s


def broker(
    secret: ConnectionSecret,
    endpoint: TokenEndpoint,
    turns: RefreshTurns,
    allowed_hosts: Collection[str] = (),
    clock: Callable[[], datetime] | None = None,
    wait: Callable[[float], None] | None = None,
) -> TokenBroker:
    """Return the broker of one container; without a clock time moves only by waiting."""
    own = Clock()
    names = count()
    refresh = SessionRefresh(
        secret=secret,
        endpoint=endpoint,
        turns=turns,
        allowed_hosts=allowed_hosts,
        clock=clock or own,
        wait=wait or own.wait,
        new_owner=lambda: f"{id(names)}-{next(names)}",
    )
    return TokenBroker(refresh, clock or own, wait or own.wait)
