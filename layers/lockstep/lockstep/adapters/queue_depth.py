"""How much queues in SQS hold."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Depth(NamedTuple):
    """About how many messages a queue has; SQS does not count exactly."""

    visible: int
    in_flight: int
    delayed: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)


class SqsDepth:
    """Implements `ports.books.QueueDepth`.

    Args:
        queue_urls: The queues that changes lie in.
    """

    def __init__(self, queue_urls: Sequence[str], client: "SQSClient | None" = None) -> None:
        self._client = client or clients.sqs()
        self._queue_urls = queue_urls

    def depths(self) -> list[Depth]:
        """Return each queue's depth, in order.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        return [self._depth(url) for url in self._queue_urls]

    def messages(self) -> int:
        """Add them up."""
        return sum(depth.total for depth in self.depths())

    def _depth(self, queue_url: str) -> Depth:
        with aws_errors("counting what a queue holds"):
            found = self._client.get_queue_attributes(
                QueueUrl=queue_url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )["Attributes"]
        return Depth(
            int(found["ApproximateNumberOfMessages"]),
            int(found["ApproximateNumberOfMessagesNotVisible"]),
            int(found["ApproximateNumberOfMessagesDelayed"]),
        )
