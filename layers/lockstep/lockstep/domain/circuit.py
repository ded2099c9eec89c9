"""The circuit of the connection with the org: while it is open, changes wait and no try is spent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from lockstep.domain.model import Shape


class Position(StrEnum):
    """Whether calls may be made."""

    CLOSED = "closed"  # they may
    OPEN = "open"  # they may not, until a probe succeeds
    HALF_OPEN = "half-open"  # a probe is under way; nobody else may call


class Reason(StrEnum):
    """Why the circuit is open. A released value is never renamed: it is stored and counted."""

    SIGN_IN_REFUSED = "SIGN_IN_REFUSED"
    ORG_UNAVAILABLE = "ORG_UNAVAILABLE"
    DAILY_LIMIT_SPENT = "DAILY_LIMIT_SPENT"
    CONCURRENT_LIMIT = "CONCURRENT_LIMIT"


# Seconds before the first probe, the second, and so on; the last one repeats. An outage may be a hiccup, or last for
# hours. The daily limit is a moving window of 24 hours, and a refused sign-in heals by a person only.
PROBE_DELAYS_S: dict[Reason, tuple[int, ...]] = {
    Reason.SIGN_IN_REFUSED: (900,),
    Reason.ORG_UNAVAILABLE: (20, 60, 120, 240, 300),
    Reason.DAILY_LIMIT_SPENT: (900,),
    Reason.CONCURRENT_LIMIT: (30,),
}
# Longer than the monitor may run: a probe that has not ended by then never will.
PROBE_ENDS_WITHIN_S = 90
# An alert that was begun and not ended by then is sent by somebody else.
TELLING_ENDS_WITHIN_S = 90
# An org that answers the probe and refuses the work would be probed every 20 seconds: it is asked as rarely as before.
RELAPSE_S = 600


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no call should be made.

    `detail` is for people. `secret_mark` is the fingerprint of the credentials that were refused.
    """

    reason: Reason
    detail: str
    secret_mark: str = ""


class Circuit(Shape):
    """The state of the connection, shared by all containers.

    `since` is when it last opened or closed, `turn` counts those moments and `revision` every change of the item.
    `reason`, `detail` and `opened_at` stay after it has closed, for the alert that says so. `closed_by` says what
    closed it. `are_lanes_set`: the lanes were switched as the position asks.
    """

    # While a new release is deployed an old one reads what the new one has written.
    model_config = ConfigDict(extra="ignore")

    position: Position = Position.CLOSED
    reason: Reason | None = None
    detail: str = ""
    since: AwareDatetime | None = None
    opened_at: AwareDatetime | None = None
    closed_by: str = ""
    next_probe_at: AwareDatetime | None = None
    probes: Annotated[int, Field(ge=0)] = 0
    secret_mark: str = ""
    is_told: bool = True
    telling_until: AwareDatetime | None = None
    are_lanes_set: bool = False
    turn: Annotated[int, Field(ge=0)] = 0
    revision: Annotated[int, Field(ge=0)] = 0

    @property
    def is_closed(self) -> bool:
        """True where calls may be made."""
        return self.position is Position.CLOSED

    @model_validator(mode="after")
    def _is_probed_until_it_closes(self) -> Self:
        if not self.is_closed and None in (self.reason, self.since, self.opened_at, self.next_probe_at):
            raise ValueError("a circuit that is not closed has a reason, its times and a next probe")
        return self


def opened(circuit: Circuit, trouble: Trouble, now: datetime) -> Circuit | None:
    """Open a closed circuit; None where it is not closed: the probe will find out what else is wrong."""
    if not circuit.is_closed:
        return None
    is_relapse = (
        circuit.reason is trouble.reason
        and circuit.since is not None
        and now - circuit.since < timedelta(seconds=RELAPSE_S)
    )
    probes = circuit.probes if is_relapse else 0
    return _changed(
        circuit,
        position=Position.OPEN,
        reason=trouble.reason,
        detail=trouble.detail,
        since=now,
        opened_at=now,
        closed_by="",
        next_probe_at=now + timedelta(seconds=probe_delay_s(trouble.reason, probes)),
        probes=probes,
        secret_mark=trouble.secret_mark,
        **_UNTOLD,
        turn=circuit.turn + 1,
    )


def is_probe_due(circuit: Circuit, now: datetime, secret_mark: str) -> bool:
    """True where the connection should be tried: at its time, or at once when somebody has stored another secret."""
    if circuit.next_probe_at is None:
        return False
    has_new_secret = (
        circuit.position is Position.OPEN
        and circuit.reason is Reason.SIGN_IN_REFUSED
        and secret_mark != circuit.secret_mark
    )
    return has_new_secret or circuit.next_probe_at <= now


def half_opened(circuit: Circuit, now: datetime) -> Circuit | None:
    """Begin a probe; None where the circuit is closed. A probe that never ends is begun anew after its time."""
    if circuit.is_closed:
        return None
    return _changed(
        circuit,
        position=Position.HALF_OPEN,
        probes=circuit.probes + 1,
        next_probe_at=now + timedelta(seconds=PROBE_ENDS_WITHIN_S),
    )


def hurried(circuit: Circuit, now: datetime) -> Circuit | None:
    """Make an open circuit's probe due; None where the circuit is closed or a probe is under way."""
    if circuit.position is not Position.OPEN:
        return None
    return _changed(circuit, next_probe_at=now)


def reopened(circuit: Circuit, trouble: Trouble, now: datetime) -> Circuit | None:
    """End a probe that found trouble; None where the circuit was closed meanwhile.

    People are told again only where the reason is another one: what they should do differs.
    """
    if circuit.is_closed:
        return None
    is_other = trouble.reason is not circuit.reason
    probes = 0 if is_other else circuit.probes
    told_again = {**_UNTOLD, "turn": circuit.turn + 1} if is_other else {}
    return _changed(
        circuit,
        position=Position.OPEN,
        reason=trouble.reason,
        detail=trouble.detail,
        secret_mark=trouble.secret_mark,
        next_probe_at=now + timedelta(seconds=probe_delay_s(trouble.reason, probes)),
        probes=probes,
        **told_again,
    )


def closed(circuit: Circuit, why: str, now: datetime) -> Circuit | None:
    """Close the circuit; None where it is closed already."""
    if circuit.is_closed:
        return None
    return _changed(
        circuit,
        position=Position.CLOSED,
        since=now,
        closed_by=why,
        next_probe_at=None,
        secret_mark="",
        **_UNTOLD,
        turn=circuit.turn + 1,
    )


def telling(circuit: Circuit, now: datetime) -> Circuit | None:
    """Begin to tell people; None where they know, or somebody else is telling them."""
    if circuit.is_told or (circuit.telling_until is not None and circuit.telling_until > now):
        return None
    return _changed(circuit, telling_until=now + timedelta(seconds=TELLING_ENDS_WITHIN_S))


def told(circuit: Circuit, turn: int, *, is_sent: bool) -> Circuit | None:
    """End telling people of that turn; None where another turn has come meanwhile. What was not sent stays untold."""
    if circuit.turn != turn or circuit.is_told:
        return None
    return _changed(circuit, is_told=is_sent, telling_until=None)


def lanes_set(circuit: Circuit, turn: int) -> Circuit | None:
    """Note that the lanes are switched as that turn asks; None where that is known, or another turn has come."""
    if circuit.turn != turn or circuit.are_lanes_set:
        return None
    return _changed(circuit, are_lanes_set=True)


def probe_delay_s(reason: Reason, probes: int) -> int:
    """Seconds before the next probe, after that many."""
    delays = PROBE_DELAYS_S[reason]
    return delays[min(probes, len(delays) - 1)]


_UNTOLD: dict[str, object] = {"is_told": False, "telling_until": None, "are_lanes_set": False}


def _changed(circuit: Circuit, **changes: object) -> Circuit:
    """Build it anew: a copy would not be checked."""
    return Circuit.model_validate({**dict(circuit), **changes, "revision": circuit.revision + 1})
