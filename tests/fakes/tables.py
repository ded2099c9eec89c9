"""DynamoDB's tables as template.yaml makes them, indexes and all."""

from typing import Any

from tests.contract.template import resources

NAME_BY_RESOURCE = {
    "ChangeLogTable": "change-log",
    "VersionGuardTable": "version-guard",
    "ErrorLogTable": "error-log",
    "LeaseTable": "leases",
    "ConnectionTable": "connection",
    "LoadTable": "loads",
}
_KEPT = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


def make_tables(dynamodb: Any) -> None:
    """Make the tables under the names that tests use."""
    for resource, name in NAME_BY_RESOURCE.items():
        made = resources("AWS::DynamoDB::Table")[resource]
        dynamodb.create_table(TableName=name, **{key: made[key] for key in _KEPT if key in made})
