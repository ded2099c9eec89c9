"""A lock storm: somebody else's job holds the orders locked, and Salesforce refuses each of their rows for a while."""

from collections.abc import Collection

from local.demo.org_control import ask_org, call_off, tell_org
from local.stack import Stack

REFUSALS_EACH = 2  # of the five short waits that a locked row has
CODE = "UNABLE_TO_LOCK_ROW"


def begin_storm(stack: Stack, order_ids: Collection[str]) -> None:
    """Let the org refuse the first writes of each order."""
    fault = {"times": REFUSALS_EACH, "row": True, "error_code": CODE}
    tell_org(stack, "faults", [fault | {"match": {"object": "Order", "external_id": each}} for each in order_ids])


def end_storm(stack: Stack) -> int:
    """Return how many rows were refused; from here on none is."""
    refused = sum(int(fault["fired"]) for fault in ask_org(stack, "faults"))
    call_off(stack, "faults")
    return refused
