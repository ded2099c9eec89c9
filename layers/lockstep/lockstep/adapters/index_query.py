"""A query of an index of DynamoDB, page by page."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lockstep.adapters.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEYS_PER_PAGE = 250


def query_index(
    client: "DynamoDBClient",
    table: str,
    index: str,
    condition: str,
    values: Mapping[str, Any],
    names: Mapping[str, str],
    *,
    is_backward: bool = False,
) -> Iterator[Mapping[str, Any]]:
    """Give the items in the order of the index, or the other way round; a page is read when the one before is used up.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    asked: dict[str, Any] = {
        "TableName": table,
        "IndexName": index,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values,
        "Limit": KEYS_PER_PAGE,
        "ScanIndexForward": not is_backward,
        **({"ExpressionAttributeNames": names} if names else {}),
    }
    while asked:
        with aws_errors("reading an index"):
            page = client.query(**asked)
        yield from page["Items"]
        last = page.get("LastEvaluatedKey")
        asked = {**asked, "ExclusiveStartKey": last} if last else {}
