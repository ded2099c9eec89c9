"""The local org's control prefix: what the org holds and was asked, and what it is made to do."""

import json
from decimal import Decimal
from typing import Any

import requests

from local.stack import Stack

ANSWER_WITHIN_S = 30.0


def ask_org(stack: Stack, what: str) -> Any:
    """Return what the org says, numbers exact."""
    return _called(stack, "GET", what)


def tell_org(stack: Stack, what: str, wanted: Any) -> None:
    """Plan faults or a maintenance window."""
    _called(stack, "POST", what, wanted)


def call_off(stack: Stack, what: str) -> None:
    """Forget what was planned."""
    _called(stack, "DELETE", what)


def _called(stack: Stack, method: str, what: str, wanted: Any = None) -> Any:
    response = requests.request(method, f"{stack.org_url}/_org/{what}", json=wanted, timeout=ANSWER_WITHIN_S)
    response.raise_for_status()
    return json.loads(response.text or "null", parse_float=Decimal)
