"""Payloads too large for the queue, in S3 (claim check)."""

from typing import TYPE_CHECKING

import boto3

from lockstep.adapters.aws import CLIENT_CONFIG, aws_errors
from lockstep.domain.changes import PayloadReference, content_hash
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3PayloadStore:
    """Implements `ports.PayloadStore`."""

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        self._client = client or boto3.client("s3", config=CLIENT_CONFIG)
        self._bucket = bucket

    def put(self, correlation_id: str, payload: str) -> PayloadReference:
        """Store under payloads/{correlation ID}/{hash}.json."""
        encoded = payload.encode()
        key = f"payloads/{correlation_id}/{content_hash(encoded)}.json"
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
            if exc.error_code != "NoSuchKey":
                raise
            raise SyncError(
                FailureKind.MESSAGE_INVALID,
                f"the stored payload {reference.key} is gone; the source must send the event again",
            ) from exc
