"""The inbound queue in SQS, received from by ourselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lockstep.adapters import clients
from lockstep.adapters.aws import CALLS_AT_ONCE, aws_errors, call_all
from lockstep.adapters.inbound_queue import MESSAGES_PER_BATCH
from lockstep.adapters.queue_depth import SqsDepth
from lockstep.domain.batches import slices
from lockstep.domain.changes import Change
from lockstep.ports.backlog import Received

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


class SqsBacklog:
    """Implements `ports.backlog.InboundBacklog`."""

    def __init__(self, queue_url: str, client: "SQSClient | None" = None) -> None:
        self._client = client or clients.sqs()
        self._queue_url = queue_url
        self._depth = SqsDepth([queue_url], self._client)

    def waiting(self) -> int:
        """Ask for the queue's attributes."""
        (depth,) = self._depth.depths()
        return depth.visible

    def receive(self, most: int) -> Sequence[Received]:
        """Make as many calls at once as a container has connections."""
        rooms = [MESSAGES_PER_BATCH] * min(most // MESSAGES_PER_BATCH, CALLS_AT_ONCE) or [most]
        received = [_received(message) for some in call_all(self._receive, rooms) for message in some]
        return [each for each in received if each is not None]

    def _receive(self, room: int) -> "Sequence[MessageTypeDef]":
        with aws_errors("receiving from the inbound queue"):
            answer = self._client.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=room)
        return answer.get("Messages", [])

    def delete(self, receipts: Sequence[str]) -> None:
        """Delete in batches of ten, several at once."""
        call_all(self._delete, list(slices(receipts, MESSAGES_PER_BATCH)))

    def _delete(self, receipts: Sequence[str]) -> None:
        with aws_errors("deleting from the inbound queue"):
            self._client.delete_message_batch(
                QueueUrl=self._queue_url,
                Entries=[{"Id": str(place), "ReceiptHandle": each} for place, each in enumerate(receipts)],
            )


def _received(message: "MessageTypeDef") -> Received | None:
    body = message["Body"]
    try:
        return Received(Change.model_validate_json(body), len(body), message["ReceiptHandle"])
    except ValidationError:
        return None
