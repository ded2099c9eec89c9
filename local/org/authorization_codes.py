"""Authorization codes: what a person approved, once, for a quarter of an hour."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from local.org.clock import OrgClock
from local.org.sessions import OAuthError

_LIFE_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved: `challenge` is that of PKCE (S256), "" where the client sent none."""

    redirect_uri: str
    scope: str
    challenge: str
    approved_s: float


class AuthorizationCodes:
    """The codes of one org; used ones are remembered, because they are refused with other words than unknown ones."""

    def __init__(self, clock: OrgClock) -> None:
        self._clock = clock
        self._approvals: dict[str, Approval | None] = {}

    def issue(self, redirect_uri: str, scope: str, challenge: str) -> str:
        """Return a new code."""
        code = f"aPrx{secrets.token_urlsafe(48)}"
        self._approvals[code] = Approval(redirect_uri, scope, challenge, self._clock.now_s())
        return code

    def check(self, code: str, redirect_uri: str, verifier: str) -> Approval:
        """Return what a code stands for; a wrong verifier uses the code up.

        Raises:
            OAuthError: The code is unknown, used or too old, or it was given to somebody else.
        """
        if code not in self._approvals:
            raise OAuthError("invalid_grant", "invalid authorization code")
        approval = self._approvals[code]
        if approval is None or self._clock.now_s() - approval.approved_s > _LIFE_S:
            raise OAuthError("invalid_grant", "expired authorization code")
        if redirect_uri != approval.redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        if approval.challenge and not hmac.compare_digest(approval.challenge, challenge_of(verifier)):
            self.use_up(code)
            raise OAuthError("invalid_grant", "invalid code verifier")
        return approval

    def use_up(self, code: str) -> None:
        """Make a code one that was used."""
        self._approvals[code] = None


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
