"""Dropped objects in S3, read in ranges of one version; the decoded pieces of some of them, and the drop queue."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors, checked_range
from lockstep.adapters.inbound_queue import SqsQueue
from lockstep.domain.changes import PayloadReference
from lockstep.domain.drops import GoOn
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.file_problems import FileProblemError
from lockstep.ports.drops import DropFacts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

# A range is one request: it is asked for anew where it breaks off, and slow readers keep no connection waiting.
BLOCK_BYTES = 8 * 1024 * 1024
WRITTEN_AT = "lockstep-written-at"  # of the object's metadata: when the file was written, where the sender knows it
PART_OF = "lockstep-part-of"  # of it, too: the file is no whole one; of rejects the value is their load
_GONE = ("404", "NoSuchKey", "NoSuchVersion", "NoSuchBucket")
_TRIES = 3


class S3DropFiles:
    """Implements `ports.drops.DropFiles`.

    Args:
        piece_bucket: Where decoded pieces are kept, under loads/.
    """

    def __init__(self, piece_bucket: str, client: "S3Client | None" = None) -> None:
        self._client = client or clients.s3()
        self._piece_bucket = piece_bucket

    def facts(self, file: PayloadReference, version: str) -> DropFacts | None:
        """Ask for the head of the object."""
        try:
            with aws_errors("looking at a dropped file"):
                head = self._client.head_object(Bucket=file.bucket, Key=file.key, **_of(version))
        except SyncError as exc:
            if exc.error_code in _GONE:
                return None
            raise
        said = head.get("Metadata", {})
        written_at = _earlier(head["LastModified"], said.get(WRITTEN_AT))
        size, part_of = head["ContentLength"], said.get(PART_OF)
        return DropFacts(head.get("VersionId", version), size, written_at, part_of is not None, part_of or "")

    def blocks(self, file: PayloadReference, version: str, from_byte: int, size: int) -> Iterator[bytes]:
        """Ask for one range after the other."""
        for start in range(from_byte, size, BLOCK_BYTES):
            yield self._range(file, version, start, min(start + BLOCK_BYTES, size))

    def _range(self, file: PayloadReference, version: str, start: int, end: int) -> bytes:
        for tries_left in reversed(range(_TRIES)):
            try:
                return self._read(file, version, start, end)
            except SyncError as exc:
                if exc.error_code in _GONE:
                    raise FileProblemError("the file was deleted before it was read", "drop it again") from exc
                if not tries_left:
                    raise
        raise AssertionError("the last try has returned or raised")

    def _read(self, file: PayloadReference, version: str, start: int, end: int) -> bytes:
        # boto3 repeats a request that is refused, but not a body that breaks off.
        with aws_errors("reading a dropped file"):
            answer = self._client.get_object(
                Bucket=file.bucket, Key=file.key, Range=f"bytes={start}-{end - 1}", **_of(version)
            )
            content: bytes = checked_range(answer, start, end).read()
        return content

    def put_piece(self, load_id: str, number: int, content: bytes) -> PayloadReference:
        """Store under loads/{load}/pieces/{number}."""
        key = f"loads/{load_id}/pieces/{number:06d}"
        with aws_errors("storing a piece of a dropped file"):
            self._client.put_object(Bucket=self._piece_bucket, Key=key, Body=content, ContentType="text/plain")
        return PayloadReference(bucket=self._piece_bucket, key=key)


class SqsDropQueue:
    """Implements `ports.drops.DropQueue`."""

    def __init__(self, queue_url: str, client: "SQSClient | None" = None) -> None:
        self._queue = SqsQueue(queue_url, client)

    def go_on(self, loads: Sequence[GoOn]) -> None:
        """Send one message for each."""
        if not all(self._queue.send_bodies([each.model_dump_json() for each in loads])):
            raise SyncError(FailureKind.AWS_UNAVAILABLE, "the queue did not take every load that goes on")


def _of(version: str) -> Any:
    return {"VersionId": version} if version and version != "null" else {}


def _earlier(stored_at: datetime, said: str | None) -> datetime:
    """Return when the sender says that the file was written, where that is a time and not later than S3 has it."""
    try:
        written_at = datetime.fromisoformat(said) if said else stored_at
    except ValueError:
        return stored_at
    return min(stored_at, written_at if written_at.tzinfo else written_at.replace(tzinfo=UTC))
