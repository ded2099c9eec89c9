"""What the circuit and the API budget need from the world."""

from collections.abc import Sequence
from typing import Protocol

from lockstep.domain.budget import Usage
from lockstep.domain.circuit import Circuit
from lockstep.domain.failures import SyncError


class CircuitStore(Protocol):
    """The one circuit of the stack, shared by all containers."""

    def load(self) -> Circuit:
        """Return it as it is now; a closed one where there is none yet.

        Raises:
            SyncError: AWS_UNAVAILABLE; CONFIGURATION_INVALID where what is stored cannot be read.
        """

    def save(self, circuit: Circuit) -> bool:
        """Store it in place of the revision before; False where somebody else has stored another one meanwhile.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class UsageStore(Protocol):
    """The org's API usage as somebody saw it last, shared by all containers."""

    def load(self) -> Usage | None:
        """Return what was seen last.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def save(self, usage: Usage) -> None:
        """Store it, unless something newer is stored.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class UsageMeter(Protocol):
    """Reads the org's API usage from its answers to this container."""

    @property
    def latest(self) -> Usage | None:
        """Return what the last answer said."""


class OrgLimits(Protocol):
    """One cheap call to the org."""

    def usage(self) -> Usage | None:
        """Sign in where that is needed, and ask for the API usage; None where the org does not tell it.

        Raises:
            SyncError: As `SalesforceGateway.upsert`.
        """


class LaneSwitch(Protocol):
    """Lets the lanes take messages from their queues, or not."""

    def switch(self, *, on: bool) -> None:
        """Switch every lane. Safe to repeat.

        Raises:
            SyncError: AWS_UNAVAILABLE; some lanes may be switched.
        """


class Bell(Protocol):
    """Wakes the monitor, which would look within a minute anyway."""

    def ring(self) -> None:
        """Ring once.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """


class ConnectionWatch(Protocol):
    """Whether the org may be called at all, and what is learned from calling it (the circuit and the API budget)."""

    def refusal(self) -> SyncError | None:
        """Return why no call may be made now (CIRCUIT_OPEN), or None. What waits for it spends no try."""

    def learn(self, failures: Sequence[SyncError], *, has_answered: bool) -> None:
        """Take in how a batch went: opens the circuit where the org refuses everybody.

        Raises nothing: what cannot be stored now is learned again from the next batch.

        Args:
            failures: Of the batch's changes.
            has_answered: True where the org did at least one thing that it was asked to do.
        """
