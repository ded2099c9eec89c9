"""Payloads too large for the queue or the error log, in S3 (claim check).

What lies under `payloads/` goes when the change log forgets its change; what lies under `failures/` stays until its
failure is resolved (template.yaml: PayloadBucket).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors, call_all
from lockstep.domain.changes import PayloadReference, content_hash
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

QUEUED, KEPT = "payloads/", "failures/"
RESOLVED_TAG = {"Key": "resolved", "Value": "true"}  # its lifecycle rule lets the object expire
_GONE = "NoSuchKey"


class S3PayloadStore:
    """Implements `ports.PayloadStore`."""

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        self._client = client or clients.s3()
        self._bucket = bucket

    def put(self, correlation_id: str, payload: str) -> PayloadReference:
        """Store under payloads/{correlation ID}/{hash}.json."""
        return self._put(QUEUED, correlation_id, payload)

    def keep(self, correlation_id: str, payload: str) -> PayloadReference:
        """Store under failures/{correlation ID}/{hash}.json."""
        return self._put(KEPT, correlation_id, payload)

    def keep_stored(self, reference: PayloadReference) -> PayloadReference:
        """Copy payloads/… to failures/…; S3 does it by itself."""
        if not reference.key.startswith(QUEUED):
            return reference
        key = KEPT + reference.key.removeprefix(QUEUED)
        source = {"Bucket": reference.bucket, "Key": reference.key}
        try:
            with aws_errors("keeping a large payload"):
                self._client.copy_object(
                    Bucket=self._bucket,
                    Key=key,
                    CopySource=source,  # type: ignore[arg-type]
                    TaggingDirective="REPLACE",  # there are none, and reading them would take a right
                )
        except SyncError as exc:
            if exc.error_code != _GONE:
                raise
            return reference  # what is gone cannot be kept; its failure says so
        return PayloadReference(bucket=self._bucket, key=key)

    def let_go(self, references: Iterable[PayloadReference]) -> None:
        """Tag what lies under failures/."""
        call_all(self._let_go, [each for each in references if each.key.startswith(KEPT)])

    def _let_go(self, reference: PayloadReference) -> None:
        try:
            with aws_errors("letting a large payload go"):
                self._client.put_object_tagging(
                    Bucket=reference.bucket,
                    Key=reference.key,
                    Tagging={"TagSet": [RESOLVED_TAG]},  # type: ignore[list-item]
                )
        except SyncError as exc:
            if exc.error_code != _GONE:
                raise

    def _put(self, prefix: str, correlation_id: str, payload: str) -> PayloadReference:
        encoded = payload.encode()
        key = f"{prefix}{correlation_id}/{content_hash(encoded)}.json"
        with aws_errors("storing a large payload"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=encoded, ContentType="application/json")
        return PayloadReference(bucket=self._bucket, key=key)

    def get(self, reference: PayloadReference) -> str:
        """Read it back."""
        try:
            with aws_errors("reading a large payload"):
                answer = self._client.get_object(Bucket=reference.bucket, Key=reference.key)
                return answer["Body"].read().decode()
        except SyncError as exc:
            if exc.error_code != _GONE:
                raise
            raise SyncError(
                FailureKind.MESSAGE_INVALID,
                f"the stored payload {reference.key} is gone; the source must send the event again",
            ) from exc
