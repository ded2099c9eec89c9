"""One refresh of the session that all containers share: marked before it is asked for, stored before it is used."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from lockstep.domain.connection import AccessToken, Session, TokenAnswer, read_session, with_end, with_session
from lockstep.domain.credentials import Credentials, fingerprint, read_credentials, rotation_mark
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.instance_hosts import check_instance_url
from lockstep.ports.sign_in import ConnectionSecret, RefreshTurns, TokenEndpoint, Turn

TURN_LEASE_S = 90  # longer than the time-out of any function that signs in
# Credentials that were refused are tried again after this: what was wrong may have been put right in the org.
REFUSED_FOR = timedelta(seconds=60)
ROTATION_LOST = "ROTATION_LOST"
_LOST = (
    "Salesforce refuses the refresh token after a refresh whose answer was never stored: with rotation on, that answer "
    "held the token that replaced it, and it is lost. Somebody must sign in again: lockstep auth login"
)
_STALE_READ_PAUSES_S = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Known:
    """What the secret held when it was read; a session in it may be sent to its address."""

    content: Mapping[str, str] = field(repr=False)
    credentials: Credentials
    session: Session | None


IsGood: TypeAlias = Callable[[Session], bool]


@dataclass(frozen=True, slots=True)
class _Unstored:
    """A grant that nobody else knows of yet."""

    content: Mapping[str, str] = field(repr=False)
    used: Credentials
    answer: TokenAnswer
    owner: str


@dataclass(frozen=True, slots=True)
class _Refusal:
    fingerprint: str
    detail: str
    error_code: str | None
    until: datetime


class SessionRefresh:
    """Refreshes the session, for one container; the arguments are those of `TokenBroker`."""

    def __init__(
        self,
        *,
        secret: ConnectionSecret,
        endpoint: TokenEndpoint,
        turns: RefreshTurns,
        allowed_hosts: Collection[str],
        clock: Callable[[], datetime],
        wait: Callable[[float], None],
        new_owner: Callable[[], str],
    ) -> None:
        self._secret = secret
        self._endpoint = endpoint
        self._turns = turns
        self._allowed_hosts = allowed_hosts
        self._clock = clock
        self._wait = wait
        self._new_owner = new_owner
        self._unstored: _Unstored | None = None
        self._refusal: _Refusal | None = None

    @property
    def has_unstored(self) -> bool:
        """True where a grant waits for being stored: nothing else may be done before."""
        return self._unstored is not None

    def known(self) -> Known:
        """Read the secret.

        Raises:
            SyncError: CONFIGURATION_INVALID, AWS_UNAVAILABLE.
        """
        content = self._secret.read()
        credentials = read_credentials(content, self._secret.name)
        session = read_session(content, self._secret.name)
        if session is not None:
            check_instance_url(session.token.instance_url, self._allowed_hosts)
        return Known(content, credentials, session)

    def refresh(self, known: Known, is_good: IsGood) -> Session | None:
        """Sign in anew, where it is our turn.

        Args:
            known: What the secret held just now.
            is_good: Tells whether a session that another container has left meanwhile will do.

        Returns:
            The session, or None where another container has the turn.

        Raises:
            SyncError: As `ports.sign_in.SignIn.token`.
        """
        self._raise_if_just_refused(known.credentials)
        owner = self._new_owner()
        turn = self._turns.take(owner, TURN_LEASE_S, self._clock())
        if turn is None:
            return None
        try:
            known = self._read_anew(turn)
            is_done = known.session is not None and is_good(known.session)
            if not is_done:
                self._raise_if_just_refused(known.credentials)
        except SyncError:
            self._end(owner, forgets_mark=False)
            raise
        if is_done:
            self._end(owner, forgets_mark=False)
            return known.session
        answer = self._ask(known.credentials, turn, owner)
        content = with_session(known.content, answer, self._clock(), self._secret.name)
        self._unstored = _Unstored(content, known.credentials, answer, owner)
        return self._store(self._unstored)

    def store_late(self) -> Session | None:
        """Store the grant that could not be stored before; None where other credentials have come meanwhile.

        Raises:
            SyncError: AWS_UNAVAILABLE, CONFIGURATION_INVALID.
        """
        if self._unstored is None:
            return None
        there = read_credentials(self._secret.read(), self._secret.name)
        if fingerprint(there) == fingerprint(self._unstored.used):
            return self._store(self._unstored)
        self._end(self._unstored.owner, forgets_mark=False)
        self._unstored = None
        return None

    def _read_anew(self, turn: Turn) -> Known:
        """Read what the last one in turn has left; Secrets Manager may show an older version for a moment."""
        known = self.known()
        for pause_s in _STALE_READ_PAUSES_S:
            if not turn.spent or rotation_mark(known.credentials) != turn.spent:
                break
            self._wait(pause_s)
            known = self.known()
        return known

    def _ask(self, credentials: Credentials, turn: Turn, owner: str) -> TokenAnswer:
        """Sign in, with a mark left before: whoever comes after a crash can tell what has happened."""
        mark = rotation_mark(credentials)
        was_unfinished = mark != "" and mark == turn.unfinished
        if mark and not self._turns.mark(owner, mark):
            raise SyncError(FailureKind.SIGN_IN_BUSY, "the turn to sign in was lost to another container")
        try:
            return self._endpoint.sign_in(credentials)
        except SyncError as exc:
            may_be_spent = exc.kind is FailureKind.OUTCOME_UNKNOWN
            self._end(owner, forgets_mark=not (may_be_spent or was_unfinished))
            if may_be_spent:
                raise SyncError(FailureKind.ORG_UNAVAILABLE, exc.detail, error_code=exc.error_code) from exc
            if exc.kind is FailureKind.CREDENTIALS_REJECTED:
                raise self._remembered(exc, credentials, was_unfinished=was_unfinished) from exc
            raise

    def _store(self, unstored: _Unstored) -> Session:
        """Store the grant, and only then use it."""
        self._secret.write(unstored.content)
        self._unstored = None
        replaced = rotation_mark(unstored.used) if unstored.answer.refresh_token else ""
        try:
            session = self._with_end(unstored)
        except SyncError:
            self._end(unstored.owner, forgets_mark=True, spent=replaced)
            raise
        self._end(unstored.owner, forgets_mark=True, spent=replaced)
        return session

    def _with_end(self, unstored: _Unstored) -> Session:
        """Return the session; with its end, for all containers, where Salesforce tells it."""
        answer, now = unstored.answer, self._clock()
        check_instance_url(answer.instance_url, self._allowed_hosts)
        token = AccessToken(answer.access_token, answer.instance_url)
        remaining_s = self._endpoint.remaining_s(unstored.used, answer)
        if remaining_s is None:
            return Session(token, issued_at=now)
        expires_at = now + timedelta(seconds=remaining_s)
        with suppress(SyncError):  # it is only good to know: without it the session ends with a 401
            if self._secret.read() == unstored.content:
                self._secret.write(with_end(unstored.content, expires_at))
        return Session(token, issued_at=now, expires_at=expires_at)

    def _end(self, owner: str, *, forgets_mark: bool, spent: str = "") -> None:
        with suppress(SyncError):  # the lease ends by itself, and a mark of replaced credentials says nothing
            self._turns.end(owner, forgets_mark=forgets_mark, spent=spent)

    def _remembered(self, error: SyncError, credentials: Credentials, *, was_unfinished: bool) -> SyncError:
        is_lost = was_unfinished and error.error_code == "invalid_grant"
        detail, code = (_LOST, ROTATION_LOST) if is_lost else (error.detail, error.error_code)
        self._refusal = _Refusal(fingerprint(credentials), detail, code, self._clock() + REFUSED_FOR)
        return SyncError(FailureKind.CREDENTIALS_REJECTED, detail, error_code=code)

    def _raise_if_just_refused(self, credentials: Credentials) -> None:
        refusal = self._refusal
        if refusal and refusal.fingerprint == fingerprint(credentials) and self._clock() < refusal.until:
            raise SyncError(FailureKind.CREDENTIALS_REJECTED, refusal.detail, error_code=refusal.error_code)
