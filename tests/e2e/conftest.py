"""One local stack for the end-to-end tests, on ports and in a folder of its own."""

import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from rich.console import Console
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from local.demo.senders import Event, signed_headers, to_bytes
from local.stack import Stack
from local.stack.progress import Progress

SETTLED = {"Applied", "Superseded", "Duplicate"}
SETTLED_WITHIN_S = 60


class Shop:
    """Posts a shop's webhooks to the stack, and looks at what became of them."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def post(
        self, payload: dict[str, Any], event_id: str, *, secret: str | None = None, topic: str = "customers/update"
    ) -> requests.Response:
        now = datetime.now(UTC)
        event = Event("shopify", topic, event_id, now, to_bytes(payload))
        headers = signed_headers(event, secret or self.stack.secrets["shopify"], now)
        return self.stack.http().post(self.stack.webhook_url("shopify"), data=event.body, headers=headers, timeout=30)

    def settled(self, correlation_id: str) -> dict[str, Any]:
        """Wait for the change's end, and return its log item."""
        waiting = Retrying(
            stop=stop_after_delay(SETTLED_WITHIN_S),
            wait=wait_fixed(0.2),
            retry=retry_if_result(lambda item: item["state"]["S"] not in SETTLED),
        )
        return waiting(self.log_item, correlation_id)

    def log_item(self, correlation_id: str) -> dict[str, Any]:
        key = {"correlation_id": {"S": correlation_id}}
        table = self.stack.outputs["ChangeLogTableName"]
        return self.stack.aws("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]

    def records(self, customer_id: str) -> list[dict[str, Any]]:
        """Return the org's Accounts of a customer."""
        query = {"field": "Shopify_Customer_Id__c", "value": customer_id}
        url = f"{self.stack.org_url}/_org/records/Account"
        return json.loads(requests.get(url, params=query, timeout=30).text)


@pytest.fixture(scope="session")
def stack(tmp_path_factory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with Stack(folder, progress=Progress(Console(file=io.StringIO()))) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture
def shop(stack) -> Shop:
    return Shop(stack)
