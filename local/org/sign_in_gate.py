"""What stands between good credentials and a session: the user's state, and how often a user may sign in."""

from collections import deque
from collections.abc import Mapping
from enum import StrEnum

from local.org.clock import OrgClock
from local.org.sessions import OAuthError

_HOUR_S = 3600


class UserState(StrEnum):
    """Why the user may or may not sign in."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    LOCKED = "locked"
    NOT_APPROVED = "not_approved"
    IP_RESTRICTED = "ip_restricted"
    OUT_OF_HOURS = "out_of_hours"
    INACTIVE_USER = "inactive_user"
    INACTIVE_ORG = "inactive_org"


# The help lists `inactive_user` and `inactive_org` as errors too; what users quote of a refresh is `invalid_grant`.
REFUSALS: Mapping[UserState, tuple[str, str]] = {
    UserState.INACTIVE: ("invalid_grant", "inactive user"),
    UserState.LOCKED: ("invalid_grant", "user is locked"),
    UserState.NOT_APPROVED: ("invalid_grant", "user hasn't approved this consumer"),
    UserState.IP_RESTRICTED: ("invalid_grant", "ip restricted"),
    UserState.OUT_OF_HOURS: ("invalid_grant", "invalid login hours"),
    UserState.INACTIVE_USER: ("inactive_user", "user is inactive"),
    UserState.INACTIVE_ORG: ("inactive_org", "organization is inactive"),
}


class SignInGate:
    """Lets sign-ins through, counted over the last hour of the org's clock."""

    def __init__(self, clock: OrgClock) -> None:
        self._clock = clock
        self._at_s: deque[float] = deque()
        self.user_state = UserState.ACTIVE

    def admit(self, most_per_hour: int) -> None:
        """Count one sign-in of the user.

        Raises:
            OAuthError: The user may not sign in, or did so too often.
        """
        refusal = REFUSALS.get(self.user_state)
        if refusal is not None:
            raise OAuthError(*refusal)
        now_s = self._clock.now_s()
        while self._at_s and self._at_s[0] <= now_s - _HOUR_S:
            self._at_s.popleft()
        if len(self._at_s) >= most_per_hour:
            raise OAuthError("rate_limit_exceeded", "login rate exceeded")
        self._at_s.append(now_s)
