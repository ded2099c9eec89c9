"""Queues of changes in SQS, for taking in, deferring and dead letters."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import boto3

from lockstep.adapters.aws import CLIENT_CONFIG, aws_errors, call_all
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
        self._client = client or boto3.client("sqs", config=CLIENT_CONFIG)
        self._queue_url = queue_url

    def send(self, changes: Sequence[Change], *, delay_s: int = 0) -> Sequence[bool]:
        """Send in batches of at most 10 messages and 256 KiB, several at once."""
        batches = list(_batches([(change, message_body(change)) for change in changes]))
        answers = call_all(lambda batch: self._send(batch, delay_s), batches)
        errors = [answer for answer in answers if isinstance(answer, SyncError)]
        if errors and len(errors) == len(answers):
            raise errors[0]
        sent = {name for answer in answers if not isinstance(answer, SyncError) for name in answer}
        return [change.correlation_id in sent for change in changes]

    def _send(self, batch: Sequence[tuple[Change, str]], delay_s: int) -> set[str] | SyncError:
        entries: list[Any] = [
            {"Id": str(index), "MessageBody": body, "DelaySeconds": delay_s} for index, (_, body) in enumerate(batch)
        ]
        try:
            with aws_errors("sending to a queue"):
                answer = self._client.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
        except SyncError as exc:
            return exc
        return {batch[int(entry["Id"])][0].correlation_id for entry in answer.get("Successful", [])}


def _batches(messages: Sequence[tuple[Change, str]]) -> Iterator[list[tuple[Change, str]]]:
    batch: list[tuple[Change, str]] = []
    size = 0
    for change, body in messages:
        if batch and (len(batch) == MESSAGES_PER_BATCH or size + len(body) > BATCH_LIMIT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((change, body))
        size += len(body)
    if batch:
        yield batch
