"""Gives access tokens: from memory, from the secret that all containers share, or by the one refresh among them."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeGuard

from lockstep.domain.connection import AccessToken, Session
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.services.session_refresh import Known, SessionRefresh

PATIENCE_S = 15.0
BUSY_RETRY_S = 5
# A session that lives on although its renewal failed: the renewal is tried again only then.
AHEAD_AGAIN = timedelta(seconds=30)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 2.0


class TokenBroker:
    """Implements `ports.sign_in.SignIn`, for one container.

    Args:
        refresh: Reads and refreshes what the containers share.
        clock: The time, aware.
        wait: Waits for some seconds.
        patience_s: How long another container's refresh is waited for.
    """

    def __init__(
        self,
        refresh: SessionRefresh,
        clock: Callable[[], datetime],
        wait: Callable[[float], None],
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._refresh = refresh
        self._clock = clock
        self._wait = wait
        self._patience_s = patience_s
        self._session: Session | None = None
        self._refused_token = ""
        self._not_ahead_before: datetime | None = None

    def token(self) -> AccessToken:
        """Return the current token; a new one where there is none, or where its known end is near."""
        if self._refresh.has_unstored:
            self._session = self._refresh.store_late() or self._session
        session = self._session
        if not self._is_fresh(session):
            session = self._session = self._renewed()
            if session.token.value == self._refused_token:
                self._refused_token = ""  # granted once more: the org takes it again
        return session.token

    def discard(self, token: AccessToken) -> None:
        """Forget the token, unless there is a newer one; while the secret still holds it, it is refreshed."""
        self._refused_token = token.value
        if self._session is not None and self._session.token.value == token.value:
            self._session = None

    def _renewed(self) -> Session:
        """Return a new session, or the old one where it lives on and a new one cannot be had just now."""
        known = self._refresh.known()
        if self._is_fresh(known.session):
            return known.session
        old = next((each for each in (known.session, self._session) if self._lives(each)), None)
        try:
            return self._shared(known, 0 if old else self._patience_s)
        except SyncError as exc:
            can_wait = exc.kind in (FailureKind.ORG_UNAVAILABLE, FailureKind.SIGN_IN_BUSY)
            if old is None or not can_wait:
                raise
            self._not_ahead_before = self._clock() + AHEAD_AGAIN
            return old

    def _shared(self, known: Known, patience_s: float) -> Session:
        """Refresh, or wait until another container has."""
        for pause_s in _pauses(patience_s):
            if pause_s:
                self._wait(pause_s)
                known = self._refresh.known()
                if self._is_fresh(known.session):
                    return known.session
            session = self._refresh.refresh(known, self._is_fresh)
            if session is not None:
                return session
        detail = "another container is signing in; nothing is wrong unless this lasts for minutes"
        raise SyncError(FailureKind.SIGN_IN_BUSY, detail, retry_after_s=BUSY_RETRY_S)

    def _is_fresh(self, session: Session | None) -> TypeGuard[Session]:
        """True where the session can be used and no new one is due."""
        now = self._clock()
        rests = self._not_ahead_before is not None and now < self._not_ahead_before
        return self._lives(session) and (rests or not session.ends_soon(now))

    def _lives(self, session: Session | None) -> TypeGuard[Session]:
        """True where, for all that is known, the org takes the session."""
        if session is None or session.token.value == self._refused_token:
            return False
        return not session.has_ended(self._clock())


def _pauses(patience_s: float) -> Iterator[float]:
    """Give 0, then growing pauses that end with the patience."""
    yield 0
    pause_s = _FIRST_PAUSE_S
    while patience_s > 0:
        yield min(pause_s, patience_s)
        patience_s -= pause_s
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
