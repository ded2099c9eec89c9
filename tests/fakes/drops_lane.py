"""The bucket that files are dropped into, and what S3 tells of them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_plus

import boto3
import pytest

from functions.bulk_split import handler as split_handler
from tests.chaos.surroundings import BULK_VISIBILITY_S, queue_url

BUCKET = "drops"


def put_event(key: str, content: bytes, metadata: Mapping[str, str] | None = None) -> str:
    """Put an object into the bucket, and return what S3 says of it."""
    put = boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content, Metadata=metadata or {})
    return told({"Key": key, "Size": len(content), **put})


def told(version: Mapping[str, Any]) -> str:
    """Return what S3 says of a version of an object."""
    told = {"key": quote_plus(version["Key"], safe="/"), "size": version["Size"], "eTag": version["ETag"].strip('"')}
    s3 = {"bucket": {"name": BUCKET}, "object": {**told, "versionId": version["VersionId"]}}
    return json.dumps({"Records": [{"eventTime": "2026-11-26T12:00:00Z", "eventName": "ObjectCreated:Put", "s3": s3}]})


@contextmanager
def drops_lane(patch: pytest.MonkeyPatch, chunk_rows: int = 2) -> Iterator[None]:
    """Make the bucket and the queues of what is dropped, inside a bulk lane's AWS."""
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for queue in ("drops", "drops-dead"):
        sqs.create_queue(QueueName=queue, Attributes={"VisibilityTimeout": str(BULK_VISIBILITY_S)})
    settings = {
        "DROP_QUEUE_URL": queue_url("drops"),
        "DROP_DEAD_LETTER_QUEUE_URL": queue_url("drops-dead"),
        "CHUNK_ROWS": str(chunk_rows),
    }
    for name, value in settings.items():
        patch.setenv(name, value)
    split_handler.take_drops.cache_clear()
    yield
    split_handler.take_drops.cache_clear()
