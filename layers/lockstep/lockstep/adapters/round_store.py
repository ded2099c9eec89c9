"""The round of the books in DynamoDB, beside the circuit."""

from typing import TYPE_CHECKING

from pydantic import ValidationError

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors
from lockstep.domain.book_round import BookRound
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROUND = "book-round"


class DynamoDbRounds:
    """Implements `ports.books.RoundStore`: one item of the connection table.

    Args:
        table_name: Key: `name` (S).
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def load(self) -> BookRound | None:
        """Read it consistently."""
        with aws_errors("reading how far the books were read"):
            key = {"name": {"S": ROUND}}
            item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return None
        try:
            return BookRound.model_validate_json(item["content"]["S"])
        except ValidationError as exc:
            raise SyncError(
                FailureKind.CONFIGURATION_INVALID,
                f"the item {ROUND} of the connection table cannot be read; delete it, and the books are read anew",
            ) from exc

    def save(self, found: BookRound) -> None:
        """Replace it: one run at a time."""
        with aws_errors("storing how far the books were read"):
            self._client.put_item(
                TableName=self._table, Item={"name": {"S": ROUND}, "content": {"S": found.model_dump_json()}}
            )
