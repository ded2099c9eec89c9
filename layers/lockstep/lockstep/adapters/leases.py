"""Leases in DynamoDB: one item per name, taken by a conditional write."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lockstep.adapters import clients
from lockstep.adapters.aws import ConditionNotMetError, aws_errors, call_all

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoDbLeases:
    """Implements `ports.Leases`.

    Args:
        table_name: Key: `name` (S); time to live: `expires_at`.
    """

    def __init__(self, table_name: str, client: "DynamoDBClient | None" = None) -> None:
        self._client = client or clients.dynamodb()
        self._table = table_name

    def take(self, name: str, lease_s: int, now: datetime) -> bool:
        """Take it where nobody has it."""
        until = now + timedelta(seconds=lease_s)
        try:
            with aws_errors("taking a lease"):
                self._client.update_item(
                    TableName=self._table,
                    Key={"name": {"S": name}},
                    UpdateExpression="SET until_ms = :until, expires_at = :expires",
                    ConditionExpression="attribute_not_exists(until_ms) OR until_ms <= :now",
                    ExpressionAttributeValues={
                        ":until": _ms(until),
                        ":now": _ms(now),
                        ":expires": {"N": str(int(until.timestamp()) + 1)},
                    },
                )
        except ConditionNotMetError:
            return False
        return True

    def give_back(self, name: str) -> None:
        """Say that it has ended."""
        with aws_errors("giving a lease back"):
            self._client.update_item(
                TableName=self._table, Key={"name": {"S": name}}, UpdateExpression="REMOVE until_ms"
            )

    def take_each(self, names: Sequence[str], lease_s: int, now: datetime) -> Sequence[bool]:
        """Take each by a conditional write of its own."""
        return call_all(lambda name: self.take(name, lease_s, now), names)

    def give_back_each(self, names: Sequence[str]) -> None:
        """Say of each that it has ended."""
        call_all(self.give_back, names)


def _ms(at: datetime) -> dict[str, str]:
    return {"N": str(int(at.timestamp() * 1000))}
