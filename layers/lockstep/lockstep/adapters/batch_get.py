"""BatchGetItem to its end: DynamoDB may answer a part and hand the rest back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from lockstep.adapters.aws import aws_errors
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class _KeysLeftError(Exception):
    """Raised when DynamoDB handed keys back unread."""


def batch_get(
    client: "DynamoDBClient", table: str, keys: Sequence[Any], attributes: Sequence[str] | None = None
) -> list[Any]:
    """Return the items of at most 100 keys, read consistently, in no order; whole ones unless attributes are named.

    Raises:
        SyncError: AWS_UNAVAILABLE, also where keys are handed back again and again.
    """
    left = list(keys)
    items: list[Any] = []
    names = {f"#{index}": name for index, name in enumerate(attributes or ())}
    projection: Any = {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names} if names else {}

    @retry(
        retry=retry_if_exception_type(_KeysLeftError),
        stop=stop_after_attempt(6),
        wait=wait_exponential_jitter(multiplier=0.05, max=1),
        reraise=True,
    )
    def read() -> None:
        with aws_errors("reading from DynamoDB"):
            asked: Any = {"Keys": left, "ConsistentRead": True, **projection}
            answer = client.batch_get_item(RequestItems={table: asked})
        items.extend(answer["Responses"].get(table, []))
        unread = answer.get("UnprocessedKeys", {}).get(table)
        left[:] = unread["Keys"] if unread else []
        if left:
            raise _KeysLeftError

    try:
        read()
    except _KeysLeftError as exc:
        raise SyncError(FailureKind.AWS_UNAVAILABLE, "DynamoDB keeps handing keys back", retry_after_s=5) from exc
    return items
