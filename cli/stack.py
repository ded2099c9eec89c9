"""The stack that a command is about: how it is chosen, its AWS clients, and the names of what it consists of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.failure import CannotError, read_json

DEFAULT_STACK = "lockstep"
STATE_FILE = "stack.json"
LOGIN_URL = "SalesforceLoginUrl"
STAGE, PRODUCTION, SANDBOX = "Stage", "production", "sandbox"
# What `make up` deploys, and as whom it speaks to its AWS; tests/contract compares them with local/stack.
LOCAL_STACK = "lockstep"
LOCAL_REGION = "us-east-1"
LOCAL_KEY = "test"

StackName = Annotated[
    str, typer.Option("--stack", envvar="LOCKSTEP_STACK", help="The deployed stack; one stack serves one org.")
]
StateFolder = Annotated[
    Path | None,
    typer.Option(envvar="LOCKSTEP_STATE_FOLDER", help="Instead of --stack, the local stack (`make up`): build/stack."),
]


@dataclass(frozen=True, slots=True)
class LocalStack:
    """The local AWS: its address, and the file of the authority that its certificates and the org's come from."""

    aws_url: str
    ca_file: str


class DeployedStack:
    """A stack in AWS or on this machine; AWS is asked when something is wanted of it.

    Args:
        name: CloudFormation's name of it.
        local: Where it is, if it is on this machine.
    """

    def __init__(self, name: str, local: LocalStack | None = None) -> None:
        self.name = name
        self.local = local

    def __str__(self) -> str:
        return f"{self.name} on this machine" if self.local else self.name

    @property
    def secret_prefix(self) -> str:
        """What the names of all its secrets begin with."""
        return f"{self.name}/"

    @property
    def login_url(self) -> str:
        """Where its functions ask for tokens.

        Raises:
            CannotError: The stack is not there, or none of ours.
            SyncError: AWS refuses.
        """
        return self.parameter(LOGIN_URL)

    def client(self, service: str) -> Any:
        """Return a boto3 client of the account that the stack is in."""
        import boto3

        from lockstep.adapters.aws import CLIENT_CONFIG

        if self.local is None:
            return boto3.client(service, config=CLIENT_CONFIG)  # type: ignore[call-overload]
        session = boto3.Session(aws_access_key_id=LOCAL_KEY, aws_secret_access_key=LOCAL_KEY, region_name=LOCAL_REGION)
        return session.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.local.aws_url,
            verify=self.local.ca_file,
            config=CLIENT_CONFIG.merge(_no_proxy()),
        )

    def parameter(self, name: str) -> str:
        """Return a parameter that it was deployed with."""
        return self._of(self._parameters, "parameter", name)

    def parameter_or(self, name: str, default: str) -> str:
        """Return a parameter, or the default where this stack's template has none of the name."""
        return self._parameters.get(name) or default

    def output(self, name: str) -> str:
        """Return one of its outputs."""
        return self._of(self._outputs, "output", name)

    def physical_id(self, logical_id: str) -> str:
        """Return what AWS calls a resource of the template: a table's name, a function's, a mapping's UUID."""
        return self._of(self._physical_ids, "resource", logical_id)

    @cached_property
    def _described(self) -> Mapping[str, Any]:
        from lockstep.adapters.aws import aws_errors

        with aws_errors(
            f"describing the stack {self.name}; is it deployed in this account and region? --stack names it"
        ):
            answer = self.client("cloudformation").describe_stacks(StackName=self.name)
        described: Mapping[str, Any] = answer["Stacks"][0]
        return described

    @cached_property
    def _parameters(self) -> Mapping[str, str]:
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._described.get("Parameters", [])}

    @cached_property
    def _outputs(self) -> Mapping[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self._described.get("Outputs", [])}

    @cached_property
    def _physical_ids(self) -> Mapping[str, str]:
        from lockstep.adapters.aws import aws_errors

        with aws_errors(f"listing the resources of the stack {self.name}"):
            pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
            listed = [each for page in pages for each in page["StackResourceSummaries"]]
        return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in listed}

    def _of(self, known: Mapping[str, str], kind: str, name: str) -> str:
        if found := known.get(name):
            return found
        raise CannotError(f"the stack {self} has no {kind} {name}: is it Lockstep's, and deployed from this version?")


def chosen_stack(name: str, state_folder: Path | None) -> DeployedStack:
    """Return the stack of the options --stack and --state-folder; nothing is asked yet.

    Raises:
        CannotError: The local stack is not up.
    """
    if state_folder is None:
        return DeployedStack(name)
    file = state_folder / STATE_FILE
    state = read_json(file)
    org = state.get("org") if isinstance(state, dict) else None
    aws_url = state.get("aws_url") if isinstance(state, dict) else None
    ca_file = org.get("ca_file") if isinstance(org, dict) else None
    if not (isinstance(aws_url, str) and aws_url and isinstance(ca_file, str)):
        raise CannotError(f"{file}: the local stack is not up; start it with `make up`")
    return DeployedStack(LOCAL_STACK, LocalStack(aws_url, ca_file))


def _no_proxy() -> Any:
    from botocore.config import Config

    return Config(proxies={})
