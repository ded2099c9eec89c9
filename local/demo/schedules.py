"""Does now what the schedules of the stack do each minute, so that nobody has to wait for the minute."""

from local.stack import Stack
from local.stack.deploy import STACK_NAME

MONITOR, RETRY = "MonitorFunction", "RetryFunction"


def run_now(stack: Stack, logical_id: str) -> None:
    """Invoke a function as its schedule does, and wait for its end."""
    found = stack.aws("cloudformation").describe_stack_resource(StackName=STACK_NAME, LogicalResourceId=logical_id)
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    stack.aws("lambda").invoke(FunctionName=name, Payload=b"{}")
