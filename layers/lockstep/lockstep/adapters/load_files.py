"""A load's files in S3: chunks of what was dropped, read as a stream, and what is made on the way."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors, checked_range
from lockstep.domain.changes import PayloadReference
from lockstep.domain.chunks import Chunk
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.file_rows import Readable
from lockstep.ports.bulk import LocalFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BLOCK_BYTES = 256 * 1024
_GONE = ("NoSuchKey", "NoSuchVersion", "404")


class S3LoadFiles:
    """Implements `ports.load_files.LoadFiles`.

    Args:
        bucket: Where a load's own files lie.
    """

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        self._client = client or clients.s3()
        self._bucket = bucket

    def open(self, chunk: Chunk) -> Readable:
        """Ask for one range of one version."""
        if chunk.end_byte <= chunk.first_byte:
            return BytesIO()
        version = {"VersionId": chunk.file_version} if chunk.file_version else {}
        try:
            answer = self._get(chunk.file, Range=f"bytes={chunk.first_byte}-{chunk.end_byte - 1}", **version)
        except SyncError as exc:
            raise _gone(chunk) if exc.error_code in _GONE else exc from exc
        return _Stream(checked_range(answer, chunk.first_byte, chunk.end_byte))

    def put(self, key: str, content: LocalFile) -> PayloadReference:
        """Upload from the disk."""
        with aws_errors("storing a file of a load"), content.path.open("rb") as opened:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=opened, ContentLength=content.size)
        return PayloadReference(bucket=self._bucket, key=key)

    def get(self, key: str, into: LocalFile) -> bool:
        """Download to the disk."""
        into.clear()
        with aws_errors("reading a file of a load"):
            try:
                answer = self._get(PayloadReference(bucket=self._bucket, key=key))
            except SyncError as exc:
                if exc.error_code in _GONE:
                    return False
                raise
            into.append(answer["Body"].iter_chunks(_BLOCK_BYTES))
        return True

    def _get(self, file: PayloadReference, **more: Any) -> Any:
        with aws_errors("reading a file of a load"):
            return self._client.get_object(Bucket=file.bucket, Key=file.key, **more)


class _Stream:
    """A body whose errors are ours."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, amount: int, /) -> bytes:
        """Read on."""
        with aws_errors("reading a chunk"):
            block: bytes = self._body.read(amount)
        return block


def _gone(chunk: Chunk) -> SyncError:
    return SyncError(
        FailureKind.FILE_GONE, f"{chunk.file.key} was deleted before all of it was read; put it there again"
    )
