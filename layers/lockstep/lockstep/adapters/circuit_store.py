"""The state of the connection in DynamoDB: the circuit, and the org's API usage."""

from typing import TYPE_CHECKING

from pydantic import ValidationError

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors
from lockstep.domain.budget import Usage
from lockstep.domain.circuit import Circuit
from lockstep.domain.failures import FailureKind, SyncError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CIRCUIT, USAGE = "circuit", "api-usage"


class DynamoDbCircuits:
    """Implements `ports.CircuitStore`: one item, replaced by a conditional write.

    Args:
        table_name: Key: `name` (S).
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def load(self) -> Circuit:
        """Read it consistently."""
        text = _read(self._client, self._table, CIRCUIT)
        if text is None:
            return Circuit()
        try:
            return Circuit.model_validate_json(text)
        except ValidationError as exc:
            raise SyncError(
                FailureKind.CONFIGURATION_INVALID,
                f"the item {CIRCUIT} of the connection table cannot be read; delete it, and the circuit is closed",
            ) from exc

    def save(self, circuit: Circuit) -> bool:
        """Write it where the revision before it is stored."""
        before = circuit.revision - 1
        condition = "attribute_not_exists(revision)" if before == 0 else "revision = :before"
        values = {} if before == 0 else {"ExpressionAttributeValues": {":before": {"N": str(before)}}}
        try:
            with aws_errors("storing the circuit"):
                self._client.put_item(
                    TableName=self._table,
                    Item={
                        "name": {"S": CIRCUIT},
                        "revision": {"N": str(circuit.revision)},
                        "content": {"S": circuit.model_dump_json()},
                    },
                    ConditionExpression=condition,
                    **values,  # type: ignore[arg-type]
                )
        except ConditionNotMetError:
            return False
        return True


class DynamoDbUsages:
    """Implements `ports.UsageStore`.

    Args:
        table_name: Key: `name` (S).
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def load(self) -> Usage | None:
        """Read it; what cannot be read counts as not there, and is replaced by the next answer of the org."""
        text = _read(self._client, self._table, USAGE)
        try:
            return None if text is None else Usage.model_validate_json(text)
        except ValidationError:
            return None

    def save(self, usage: Usage) -> None:
        """Write it where nothing newer is stored."""
        read_at = {"N": str(int(usage.read_at.timestamp() * 1000))}
        try:
            with aws_errors("storing the API usage"):
                self._client.put_item(
                    TableName=self._table,
                    Item={"name": {"S": USAGE}, "read_at_ms": read_at, "content": {"S": usage.model_dump_json()}},
                    ConditionExpression="attribute_not_exists(read_at_ms) OR read_at_ms < :read_at",
                    ExpressionAttributeValues={":read_at": read_at},
                )
        except ConditionNotMetError:
            return


def _read(client: "DynamoDBClient", table: str, name: str) -> str | None:
    with aws_errors("reading the state of the connection"):
        item = client.get_item(TableName=table, Key={"name": {"S": name}}, ConsistentRead=True).get("Item", {})
    return item["content"]["S"] if item else None
