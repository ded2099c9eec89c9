"""Describes in S3, beside the payloads: one object each, read by every container."""

from datetime import datetime
from typing import TYPE_CHECKING

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors
from lockstep.domain.failures import SyncError
from lockstep.domain.json_text import dump_json, parse_json
from lockstep.ports.org import KeptDescribe

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3DescribeStore:
    """Implements `ports.org.DescribeStore`, under describes/{name}.json."""

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        self._client = client or clients.s3()
        self._bucket = bucket

    def get(self, name: str) -> KeptDescribe | None:
        """Read it; what cannot be read counts as not there."""
        try:
            with aws_errors("reading a describe"):
                answer = self._client.get_object(Bucket=self._bucket, Key=_key(name))
                text = answer["Body"].read().decode()
        except SyncError as exc:
            # Without s3:ListBucket S3 says AccessDenied of a key that is not there.
            if exc.error_code in ("NoSuchKey", "AccessDenied"):
                return None
            raise
        return _kept(text)

    def put(self, name: str, kept: KeptDescribe) -> None:
        """Write it."""
        body = dump_json({"asked_at": kept.asked_at.isoformat(), "describe": kept.describe}).encode()
        with aws_errors("keeping a describe"):
            self._client.put_object(Bucket=self._bucket, Key=_key(name), Body=body, ContentType="application/json")


def _key(name: str) -> str:
    return f"describes/{name}.json"


def _kept(text: str) -> KeptDescribe | None:
    try:
        kept = parse_json(text)
        if not isinstance(kept, dict):
            return None
        asked_at = datetime.fromisoformat(str(kept["asked_at"]))
        return KeptDescribe(kept["describe"], asked_at) if asked_at.tzinfo else None
    except (ValueError, KeyError):
        return None
