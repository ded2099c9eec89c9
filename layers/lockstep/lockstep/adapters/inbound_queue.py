"""Queues of changes in SQS, for taking in, deferring and dead letters."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors, call_all
from lockstep.domain.changes import Change
from lockstep.domain.failures import SyncError
from lockstep.domain.messages import message_body

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MESSAGES_PER_BATCH = 10  # SQS API Reference, SendMessageBatch
BATCH_LIMIT_BYTES = 262_144  # all messages of one SendMessageBatch together


class SqsQueue:
    """Implements `ports.InboundQueue` and `ports.DeadLetters`."""

    def __init__(self, queue_url: str, client: "SQSClient | None" = None) -> None:
        self._client = client or clients.sqs()
        self._queue_url = queue_url

    def send(self, changes: Sequence[Change], *, delay_s: int = 0) -> Sequence[bool]:
        """Send in batches of at most 10 messages and 256 KiB, several at once."""
        return self.send_bodies([message_body(change) for change in changes], delay_s=delay_s)

    def send_bodies(self, bodies: Sequence[str], *, delay_s: int = 0) -> Sequence[bool]:
        """Send texts as they are; otherwise like `send`."""
        batches = list(_batches(bodies))
        answers = call_all(lambda batch: self._send(batch, delay_s), batches)
        errors = [answer for answer in answers if isinstance(answer, SyncError)]
        if errors and len(errors) == len(answers):
            raise errors[0]
        sent = {index for answer in answers if not isinstance(answer, SyncError) for index in answer}
        return [index in sent for index in range(len(bodies))]

    def _send(self, batch: Sequence[tuple[int, str]], delay_s: int) -> set[int] | SyncError:
        entries: list[Any] = [{"Id": str(index), "MessageBody": body, "DelaySeconds": delay_s} for index, body in batch]
        try:
            with aws_errors("sending to a queue"):
                answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        except SyncError as exc:
            return exc
        return {int(entry["Id"]) for entry in answer.get("Successful", [])}


def _batches(bodies: Sequence[str]) -> Iterator[list[tuple[int, str]]]:
    """Cut into batches; each body goes with its place among all."""
    batch: list[tuple[int, str]] = []
    size = 0
    for index, body in enumerate(bodies):
        if batch and (len(batch) == MESSAGES_PER_BATCH or size + len(body) > BATCH_LIMIT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((index, body))
        size += len(body)
    if batch:
        yield batch
