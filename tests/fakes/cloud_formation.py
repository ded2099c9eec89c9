"""CloudFormation as the command reads it; moto's needs libraries that nothing else here does."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError


class FakeCloudFormation:
    """One stack, its resources listed two to a page.

    Args:
        name: Any other is refused as AWS refuses it.
    """

    def __init__(
        self,
        name: str,
        parameters: Mapping[str, str],
        resources: Mapping[str, str],
        outputs: Mapping[str, str] | None = None,
    ) -> None:
        self._name = name
        self._parameters = parameters
        self._resources = resources
        self._outputs = outputs or {}

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
        """Describe the stack."""
        self._check(StackName)
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in self._parameters.items()]
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self._outputs.items()]
        return {"Stacks": [{"StackName": StackName, "Parameters": parameters, "Outputs": outputs}]}

    def get_paginator(self, operation: str) -> "FakeCloudFormation":
        """Page through the resources."""
        assert operation == "list_stack_resources"
        return self

    def paginate(self, *, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        """Return the pages."""
        self._check(StackName)
        listed = [{"LogicalResourceId": key, "PhysicalResourceId": value} for key, value in self._resources.items()]
        return [{"StackResourceSummaries": listed[at : at + 2]} for at in range(0, len(listed), 2)]

    def _check(self, name: str) -> None:
        if name != self._name:
            error = {"Code": "ValidationError", "Message": f"Stack with id {name} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
