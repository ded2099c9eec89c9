"""Who refreshes the session now, in DynamoDB: one item, taken, marked and ended by conditional writes."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors
from lockstep.ports.sign_in import Turn

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemOutputTypeDef

_NAME = "sign-in"
_IS_MINE = "holder = :owner"


class DynamoDbRefreshTurns:
    """Implements `ports.sign_in.RefreshTurns`. The item never expires: a mark must outlive the silence after a crash.

    Args:
        table_name: The table of leases; key: `name` (S).
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def take(self, owner: str, lease_s: int, now: datetime) -> Turn | None:
        """Take it where nobody has it."""
        try:
            answer = self._update(
                "SET holder = :owner, until_ms = :until",
                "attribute_not_exists(until_ms) OR until_ms <= :now",
                {":owner": owner, ":until": _ms(now + timedelta(seconds=lease_s)), ":now": _ms(now)},
            )
        except ConditionNotMetError:
            return None
        former = {key: value.get("S", "") for key, value in answer.get("Attributes", {}).items()}
        return Turn(unfinished=former.get("asked_with", ""), spent=former.get("spent", ""))

    def mark(self, owner: str, mark: str) -> bool:
        """Write the mark where the turn is still the owner's."""
        try:
            self._update("SET asked_with = :mark", _IS_MINE, {":owner": owner, ":mark": mark})
        except ConditionNotMetError:
            return False
        return True

    def end(self, owner: str, *, forgets_mark: bool, spent: str = "") -> None:
        """Take the owner's name away."""
        removed = "REMOVE until_ms, holder" + (", asked_with" if forgets_mark else "")
        update = f"SET spent = :spent {removed}" if spent else removed
        values: dict[str, str | int] = {":owner": owner, **({":spent": spent} if spent else {})}
        try:
            self._update(update, _IS_MINE, values)
        except ConditionNotMetError:
            return  # the lease had ended, and the turn is another's now

    def _update(self, update: str, condition: str, values: dict[str, str | int]) -> "UpdateItemOutputTypeDef":
        with aws_errors("taking turns at signing in"):
            return self._client.update_item(
                TableName=self._table,
                Key={"name": {"S": _NAME}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues={key: _typed(value) for key, value in values.items()},
                ReturnValues="ALL_OLD",
            )


def _typed(value: str | int) -> dict[str, str]:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
