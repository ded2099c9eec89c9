"""The chunk queue and the poll queue in SQS."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lockstep.adapters.inbound_queue import SqsQueue
from lockstep.domain.chunks import ChunkMessage
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsChunkQueue:
    """Implements `ports.loads.ChunkQueue`."""

    def __init__(self, queue_url: str, client: "SQSClient | None" = None) -> None:
        self._queue = SqsQueue(queue_url, client)

    def send(self, messages: Sequence[ChunkMessage], *, delay_s: int = 0) -> None:
        """Send in batches, several at once."""
        bodies = [message.model_dump_json() for message in messages]
        if not all(self._queue.send_bodies(bodies, delay_s=delay_s)):
            raise SyncError(FailureKind.AWS_UNAVAILABLE, "the queue did not take every chunk's message")
