"""The connection of a stack with its org, as a person looks at it and mends it."""

import json
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from cli.failure import CannotError
from cli.org import new_broker, utc_now
from cli.stack import DeployedStack
from lockstep.adapters.aws import aws_errors
from lockstep.domain.budget import Usage
from lockstep.domain.circuit import Circuit
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.instance_hosts import parse_hosts
from lockstep.ports.sign_in import SignIn, TokenEndpoint
from lockstep.runtime.sign_in import SALESFORCE_SECRET

CONNECTION_TABLE = "ConnectionTable"
LEASE_TABLE = "LeaseTable"
MONITOR_FUNCTION = "MonitorFunction"
INBOUND_QUEUE = "InboundQueue"
ALLOWED_HOSTS = "AllowedInstanceHosts"
LEASE_S = 60
# A container that died while it signed in holds its turn for 90 seconds.
PATIENCE_S = 100.0
_WAITING = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class StackSecret:
    """Implements `ports.ConnectionSecret`, and makes the secret where there is none.

    Args:
        stack: Whose.
    """

    def __init__(self, stack: DeployedStack) -> None:
        self._client: Any = stack.client("secretsmanager")
        self._name = stack.secret_prefix + SALESFORCE_SECRET

    @property
    def name(self) -> str:
        """Its name, for people."""
        return self._name

    def read(self) -> Mapping[str, str]:
        """Return what it holds; nothing where it is not there.

        Raises:
            SyncError: CONFIGURATION_INVALID where it is no flat JSON object; AWS_UNAVAILABLE.
        """
        try:
            with aws_errors(f"reading the secret {self._name}"):
                text = self._client.get_secret_value(SecretId=self._name).get("SecretString", "")
        except SyncError as exc:
            if exc.error_code != "ResourceNotFoundException":
                raise
            return {}
        return self._parsed(text)

    def write(self, content: Mapping[str, str]) -> None:
        """Replace it as a whole.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        text = json.dumps(dict(content))
        try:
            with aws_errors(f"storing the secret {self._name}"):
                self._client.put_secret_value(SecretId=self._name, SecretString=text)
        except SyncError as exc:
            if exc.error_code != "ResourceNotFoundException":
                raise
            with aws_errors(f"making the secret {self._name}"):
                self._client.create_secret(
                    Name=self._name, Description="Lockstep's sign-in to Salesforce", SecretString=text
                )

    def _parsed(self, text: str) -> Mapping[str, str]:
        try:
            content = json.loads(text)
        except ValueError:
            content = None  # the parser's error holds the secret
        if isinstance(content, dict) and all(isinstance(each, str) for each in content.values()):
            return content
        raise SyncError(
            FailureKind.CONFIGURATION_INVALID,
            f"the secret {self._name} is not a flat JSON object of texts; mend or delete it, then sign in again",
        )


@contextmanager
def replacing(
    stack: DeployedStack, secret: StackSecret, patience_s: float | None = None
) -> Iterator[Mapping[str, str]]:
    """Give what the secret holds, and keep the functions from signing in until the block ends.

    A sign-in that is under way would store the former credentials over the new ones.

    Raises:
        CannotError: A function is signing in all the time.
        SyncError: AWS_UNAVAILABLE.
    """
    from lockstep.adapters.refresh_turns import DynamoDbRefreshTurns

    turns = DynamoDbRefreshTurns(stack.physical_id(LEASE_TABLE), stack.client("dynamodb"))
    owner, is_replaced = uuid.uuid4().hex, False
    limit_s = PATIENCE_S if patience_s is None else patience_s
    retrying = Retrying(
        retry=retry_if_result(lambda turn: turn is None), stop=stop_after_delay(limit_s), wait=wait_fixed(1)
    )
    try:
        retrying(lambda: turns.take(owner, LEASE_S, utc_now()))
    except RetryError:
        raise CannotError("the functions are signing in just now; nothing was changed, try again in a minute") from None
    try:
        yield secret.read()
        is_replaced = True
    finally:
        with suppress(SyncError):  # the lease ends by itself
            turns.end(owner, forgets_mark=is_replaced)


def waiting_changes(stack: DeployedStack) -> int | None:
    """Return about how many changes the inbound queue holds; None where AWS does not say: it is only good to know."""
    try:
        with aws_errors("counting what waits"):
            answer = stack.client("sqs").get_queue_attributes(
                QueueUrl=stack.physical_id(INBOUND_QUEUE), AttributeNames=list(_WAITING)
            )
    except SyncError:
        return None
    return sum(int(answer["Attributes"][name]) for name in _WAITING)


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of the circuit after a sign-in."""

    was_open: bool
    is_monitor_woken: bool


def load_circuit(stack: DeployedStack) -> Circuit:
    """Return the circuit.

    Raises:
        SyncError: AWS_UNAVAILABLE, or it cannot be read.
    """
    from lockstep.adapters.circuit_store import DynamoDbCircuits

    return DynamoDbCircuits(stack.physical_id(CONNECTION_TABLE), stack.client("dynamodb")).load()


def load_usage(stack: DeployedStack) -> Usage | None:
    """Return the org's API usage as a function saw it last.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    from lockstep.adapters.circuit_store import DynamoDbUsages

    return DynamoDbUsages(stack.physical_id(CONNECTION_TABLE), stack.client("dynamodb")).load()


def session_broker(stack: DeployedStack, secret: StackSecret, endpoint: TokenEndpoint) -> SignIn:
    """Return what gives sessions to the command, in turn with the functions."""
    from lockstep.adapters.refresh_turns import DynamoDbRefreshTurns

    turns = DynamoDbRefreshTurns(stack.physical_id(LEASE_TABLE), stack.client("dynamodb"))
    return new_broker(secret, endpoint, turns, allowed_hosts(stack))


def allowed_hosts(stack: DeployedStack) -> Collection[str]:
    """Return the hosts beside Salesforce's that a token may be sent to."""
    return parse_hosts(stack.parameter_or(ALLOWED_HOSTS, ""))


def close_circuit(stack: DeployedStack, why: str) -> Closed:
    """Close the circuit, and wake the monitor, which switches the lanes on and tells people.

    Raises:
        SyncError: AWS_UNAVAILABLE: it is as it was.
    """
    from lockstep.adapters.circuit_store import DynamoDbCircuits
    from lockstep.services import breaker

    circuits = DynamoDbCircuits(stack.physical_id(CONNECTION_TABLE), stack.client("dynamodb"))
    was_open = breaker.close_circuit(circuits, why, utc_now())
    return Closed(was_open, was_open and _wake_monitor(stack))


def probe_circuit(stack: DeployedStack) -> tuple[Circuit, bool]:
    """Let the monitor try the connection now; return the circuit before that, and whether the monitor was woken.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    from lockstep.adapters.circuit_store import DynamoDbCircuits
    from lockstep.services import breaker

    circuits = DynamoDbCircuits(stack.physical_id(CONNECTION_TABLE), stack.client("dynamodb"))
    circuit = breaker.hurry_probe(circuits, utc_now())
    return circuit, not circuit.is_closed and _wake_monitor(stack)


def _wake_monitor(stack: DeployedStack) -> bool:
    """Return whether it was woken; it looks by itself every minute, so that it may also be left asleep."""
    try:
        with aws_errors("waking the monitor"):
            stack.client("lambda").invoke(FunctionName=stack.physical_id(MONITOR_FUNCTION), InvocationType="Event")
    except SyncError:
        return False
    return True
