"""A deployed stack for the tests of `lockstep auth`: moto, the local org in process, and a person at a browser."""

import json
import re
import socket
import threading
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import boto3
import requests
from typer.testing import CliRunner

from cli.__main__ import app
from cli.stack import DeployedStack
from local.org.in_process import OrgAdapter
from lockstep.adapters.circuit_store import DynamoDbCircuits
from tests.fakes.cloud_formation import FakeCloudFormation
from tests.functional.conftest import queue_url

NAME = "acme"
SECRET = f"{NAME}/salesforce"
RESOURCES = {
    "ConnectionTable": "connection",
    "LeaseTable": "leases",
    "MonitorFunction": "acme-Monitor-1",
}
NOT_SECRET = {"grant", "client_id", "username", "instance_url", "issued_at", "expires_at", "scope", "org_id"}


class Invocations(list):
    """Lambda as far as the command knows it: who was woken."""

    def invoke(self, *, FunctionName, InvocationType):  # noqa: N803 - as boto3 names them
        """Remember the call."""
        assert InvocationType == "Event"
        self.append(FunctionName)


class Person:
    """Somebody at the login page, in a browser of its own.

    Attributes: `decision` is approve or deny, `ask` changes the address that is opened, `edit` the one to which
    Salesforce sends.
    """

    def __init__(self, org, url):
        self.org = org
        self.decision = "approve"
        self.ask = lambda url: url
        self.edit = lambda url: url
        self.asked = []
        self._browser = requests.Session()
        self._browser.mount(url, OrgAdapter(org))

    def open(self, url):
        """Take `webbrowser.open`'s place."""
        self.asked.append(url)
        threading.Thread(target=lambda: self.visit(self.decide(url))).start()
        return True

    def visit(self, url):
        """Come back to the command."""
        requests.get(url, timeout=5)

    def decide(self, url):
        """Return where Salesforce sends the browser."""
        answer = self._browser.get(self.ask(url), timeout=5, allow_redirects=False)
        if answer.status_code == 200:
            form = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text))
            form = {unescape(name): unescape(value) for name, value in form.items()}
            target = url.partition("?")[0]
            answer = self._browser.post(
                target, data={**form, "decision": self.decision}, timeout=5, allow_redirects=False
            )
        return self.edit(answer.headers["Location"])


class AuthStack:
    """The stack, and what a test wants to know of it."""

    def __init__(self, org, org_url, monkeypatch):
        self.org = org
        self.woken = Invocations()
        self.parameters = {
            "SalesforceLoginUrl": org_url,
            "AllowedInstanceHosts": "org.example",
            "Stage": "production",
        }
        self.queue = queue_url("inbound")
        cloud_formation = FakeCloudFormation(NAME, self.parameters, {**RESOURCES, "InboundQueue": self.queue})
        self.clients = clients = {"cloudformation": cloud_formation, "lambda": self.woken}
        for name in ("secretsmanager", "dynamodb", "sqs"):
            clients[name] = boto3.client(name)
        monkeypatch.setattr(DeployedStack, "client", lambda _self, service: clients[service])

    @property
    def secret(self):
        """Return what the secret holds; None where there is none."""
        client = self.clients["secretsmanager"]
        try:
            text = client.get_secret_value(SecretId=SECRET)["SecretString"]
        except client.exceptions.ResourceNotFoundException:
            return None
        try:
            return json.loads(text)
        except ValueError:
            return {"text": text}

    def store(self, **content):
        """Store the secret."""
        client, text = self.clients["secretsmanager"], json.dumps(content)
        if self.secret is None:
            client.create_secret(Name=SECRET, SecretString=text)
        else:
            client.put_secret_value(SecretId=SECRET, SecretString=text)

    def describe_org(self, **values):
        """Change what the org says of itself."""
        record = next(iter(self.org.store.table("Organization").records()))
        for name, value in values.items():
            record.put(record.slots[name], value)

    @property
    def circuits(self):
        """Return where the circuit is."""
        return DynamoDbCircuits(RESOURCES["ConnectionTable"], self.clients["dynamodb"])

    def run(self, *arguments, text=None, env=None):
        """Run `lockstep auth …`; a traceback fails the test, and so does a secret in the output."""
        before = self.secret or {}
        result = CliRunner().invoke(app, ["auth", *map(str, arguments), "--stack", NAME], input=text, env=env)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        leaks = told_secrets(result.output, before, self.secret or {}, vars_of(self.org.settings.credentials))
        assert leaks == [], result.output
        return result


def vars_of(credentials):
    """Return the org's own credentials."""
    return {name: getattr(credentials, name) for name in ("client_id", "client_secret", "refresh_token", "username")}


def told_secrets(output, *secrets):
    """Return the names of what the output gives away."""
    flat = "".join(output.split())
    held = [(name, value) for secret in secrets for name, value in secret.items() if name not in NOT_SECRET]
    return sorted({name for name, value in held for line in value.split() if len(line) > 10 and line in flat})


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def with_query(url, **changes):
    """Return an address with parameters changed; None takes one away."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **changes}
    return parts._replace(query=urlencode({name: value for name, value in query.items() if value is not None})).geturl()
