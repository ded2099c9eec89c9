"""What handing a backlog over needs of the inbound queue."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from lockstep.domain.changes import Change


class Received(NamedTuple):
    """A change, how long its message is, and by what the message is deleted."""

    change: Change
    size_bytes: int
    receipt: str


class InboundBacklog(Protocol):
    """The inbound queue, where a function takes more from it than it was handed."""

    def waiting(self) -> int:
        """Return about how many messages wait to be received.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """

    def receive(self, most: int) -> Sequence[Received]:
        """Take messages, as many as there are at once; none where there seem to be none.

        What is no change is left: Lambda's trigger will bring it, and it is buried then.

        Raises:
            SyncError: AWS_UNAVAILABLE; what was taken comes again.
        """

    def delete(self, receipts: Sequence[str]) -> None:
        """Delete messages. Safe to repeat; one that is not deleted comes again.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
