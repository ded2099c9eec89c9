"""A deployed stack for the tests of the operator's commands: what is in it was written by the lane's own code."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import boto3
from typer.testing import CliRunner

from cli.__main__ import app
from cli.stack import DeployedStack
from lockstep.adapters.circuit_store import DynamoDbCircuits
from tests.fakes.changes import change
from tests.fakes.cloud_formation import FakeCloudFormation
from tests.functional.conftest import queue_url

NAME = "acme"
RESOURCES = {
    "ChangeLogTable": "change-log",
    "ErrorLogTable": "error-log",
    "VersionGuardTable": "version-guard",
    "ConnectionTable": "connection",
    "PayloadBucket": "payloads",
    "LoadTable": "loads",
}
PARAMETERS = {"ChangeLogRetentionDays": "90", "ApiReservePercent": "20"}
customer = partial(change, source="shopify", entity="customer")
SECRET = "Ada Secretperson"
LONG_AGO = datetime.now(UTC) - timedelta(hours=2)


def payload(name="Arc Lamps", **more):
    """Return a customer as the shop sends it."""
    return json.dumps({"id": 1, "first_name": name, "last_name": "Ltd", "email": "post@example.com", **more})


def unmappable(external_id, version=1, **given):
    """Return a change whose email is too long for the org: it becomes Pending at once."""
    text = payload(SECRET, email=f"{'x' * 90}@example.com")
    return customer(external_id, version, **{"payload": text} | given)


class Operator:
    """The stack, and a person with the command.

    Args:
        stack: The upsert function with its AWS and its org.
        monkeypatch: Lets the command find them.
    """

    def __init__(self, stack, monkeypatch):
        self.stack = stack
        queues = {"InboundQueue": queue_url("inbound"), "InboundDeadLetterQueue": queue_url("dead-letters")}
        cloud_formation = FakeCloudFormation(NAME, PARAMETERS, {**RESOURCES, **queues})
        self.clients = {"cloudformation": cloud_formation}
        monkeypatch.setattr(DeployedStack, "client", self._client)

    def _client(self, service):
        return self.clients.setdefault(service, None) or boto3.client(service)

    @property
    def circuits(self):
        """Return where the circuit is."""
        return DynamoDbCircuits("connection")

    def take_in(self, *changes, at=None):
        """Book changes as the webhook function does; their messages are on their way to the upsert function."""
        now = at or datetime.now(UTC)
        self.stack.log.claim(changes, now)
        self.stack.log.mark_queued(changes, now)

    def sync(self, *changes):
        """Let changes go the whole way."""
        self.take_in(*changes)
        assert self.stack.invoke(*changes) == []

    def run(self, *arguments, text=None, env=None):
        """Run a command; a traceback fails the test, and so does a customer's value that is not asked for."""
        result = CliRunner().invoke(app, [*map(str, arguments), "--stack", NAME], input=text, env=env)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        if arguments[:2] not in (("errors", "show"), ("errors", "edit")):
            assert SECRET not in result.output, result.output
        return result

    def json(self, *arguments, text=None):
        """Run a command with --json; return exit code and answer."""
        result = self.run(*arguments, "--json", text=text)
        return result.exit_code, json.loads(result.stdout)

    def entry(self, one):
        """Return what the error log has of a change."""
        return self.stack.entry(one)
