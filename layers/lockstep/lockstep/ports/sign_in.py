"""What signing in needs from the world."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lockstep.domain.connection import AccessToken, TokenAnswer
from lockstep.domain.credentials import Credentials


class ConnectionSecret(Protocol):
    """The one secret that holds the org's credentials and the session that all containers share."""

    @property
    def name(self) -> str:
        """Its name, for people."""

    def read(self) -> Mapping[str, str]:
        """Return what it holds now, never from a cache.

        Raises:
            SyncError: CONFIGURATION_INVALID where it is missing or no flat JSON object; AWS_UNAVAILABLE.
        """

    def write(self, content: Mapping[str, str]) -> None:
        """Replace it as a whole.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class TokenEndpoint(Protocol):
    """Salesforce's token endpoint."""

    def sign_in(self, credentials: Credentials) -> TokenAnswer:
        """Ask for a session.

        Raises:
            SyncError: CREDENTIALS_REJECTED; CONFIGURATION_INVALID where a key is unfit; ORG_UNAVAILABLE where the
                sign-in surely did not happen; OUTCOME_UNKNOWN where it may have.
        """

    def remaining_s(self, credentials: Credentials, answer: TokenAnswer) -> int | None:
        """Return how long the session lives on, or None where that cannot be learned. Raises nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was found by whom it is to refresh: marks of refresh tokens (`rotation_mark`), "" where there is none.

    `unfinished` is the one of an earlier refresh that never told its end; `spent` is the last one that was replaced.
    """

    unfinished: str = ""
    spent: str = ""


class RefreshTurns(Protocol):
    """One refresher at a time among all containers, and what it left behind."""

    def take(self, owner: str, lease_s: int, now: datetime) -> Turn | None:
        """Take the turn for a time; None where somebody has it.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def mark(self, owner: str, mark: str) -> bool:
        """Say what is about to be spent; False where the turn was lost meanwhile, and nothing may be spent.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def end(self, owner: str, *, forgets_mark: bool, spent: str = "") -> None:
        """Let the next one in; does nothing where the turn was lost. Safe to repeat.

        Args:
            owner: Who took it.
            forgets_mark: False leaves the mark for whoever comes next.
            spent: The mark of what was replaced, where that happened.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class SignIn(Protocol):
    """Gives access tokens."""

    def token(self) -> AccessToken:
        """Return the current token, signing in where there is none.

        Raises:
            SyncError: CREDENTIALS_REJECTED, CONFIGURATION_INVALID, SIGN_IN_BUSY, ORG_UNAVAILABLE, AWS_UNAVAILABLE.
        """

    def discard(self, token: AccessToken) -> None:
        """Say that the org refused the token; the next one is new."""
