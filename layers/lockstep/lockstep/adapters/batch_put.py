"""BatchWriteItem: whole items, up to 25 in a request, without a condition."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lockstep.adapters.aws import aws_errors, call_all
from lockstep.domain.batches import slices

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ITEMS_PER_WRITE = 25  # DynamoDB API Reference, BatchWriteItem


def batch_put(client: "DynamoDBClient", table: str, items: Sequence[Any]) -> list[Any]:
    """Put items in place of what is there; return those that DynamoDB handed back unwritten.

    Raises:
        SyncError: AWS_UNAVAILABLE; some of the items may be written.
    """

    def put(part: Sequence[Any]) -> list[Any]:
        with aws_errors("writing to DynamoDB"):
            answer = client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in part]})
        return [each["PutRequest"]["Item"] for each in answer.get("UnprocessedItems", {}).get(table, [])]

    return [item for left in call_all(put, list(slices(items, ITEMS_PER_WRITE))) for item in left]
