"""The digest of failures in DynamoDB, beside the circuit."""

from typing import TYPE_CHECKING

from pydantic import ValidationError

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors
from lockstep.domain.failure_digest import FailureDigest
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DIGEST = "failure-digest"


class DynamoDbDigests:
    """Implements `ports.error_log.DigestStore`: one item of the connection table.

    Args:
        table_name: Key: `name` (S).
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def load(self) -> FailureDigest:
        """Read it consistently."""
        with aws_errors("reading the digest of failures"):
            item = self._client.get_item(
                TableName=self._table, Key={"name": {"S": DIGEST}}, ConsistentRead=True
            ).get("Item")  # fmt: skip
        if item is None:
            return FailureDigest()
        try:
            return FailureDigest.model_validate_json(item["content"]["S"])
        except ValidationError as exc:
            raise SyncError(
                FailureKind.CONFIGURATION_INVALID,
                f"the item {DIGEST} of the connection table cannot be read; look at the failures with `lockstep errors "
                "list`, then delete the item, and people are told of what comes next",
            ) from exc

    def save(self, digest: FailureDigest) -> None:
        """Replace it: one run at a time."""
        with aws_errors("storing the digest of failures"):
            self._client.put_item(
                TableName=self._table,
                Item={"name": {"S": DIGEST}, "content": {"S": digest.model_dump_json()}},
            )
