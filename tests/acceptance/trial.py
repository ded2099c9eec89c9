"""The story that is told to the stack, and what it leaves behind after each part."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from local.stack import Stack
from tests.acceptance import made
from tests.acceptance.captured import DELETE_TOPICS, Delivery

FINAL = {"Applied", "Superseded", "Duplicate", "Pending"}
WITHIN_S = 120
SHORTLY_S = 5
POSTS_AT_ONCE = 6
AGAIN = "delivered again"
OBJECTS = ("Account", "Order")
COUNTS = ("", "NotVisible", "Delayed")

Item = dict[str, str]
Left = TypeVar("Left")


class Sent(NamedTuple):
    """A delivery and what was answered."""

    delivery: Delivery
    status: int
    answer: Mapping[str, Any]

    @property
    def ids(self) -> Sequence[str]:
        """The correlation IDs of an accepted delivery."""
        return self.answer.get("correlation_ids", ())


class Look(NamedTuple):
    """The change log and the org at one moment."""

    log: Mapping[str, Item]
    records: Mapping[str, Sequence[dict[str, Any]]]


@dataclass
class Story:
    """What was posted in each part, and what was there after it."""

    refused: dict[str, list[Sent]] = field(default_factory=dict)
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    queued: int = -1
    dead: int = -1
    failed: frozenset[str] = frozenset()  # changes of which the error log has an open entry

    def all_sent(self) -> list[Sent]:
        """Return everything that was posted with a good signature."""
        return [each for part in self.sent.values() for each in part]


class Trial:
    """Posts to the stack and looks at it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.late: list[str] = []
        self._dynamodb = stack.aws("dynamodb")

    def set_public_url(self) -> None:
        """Set PublicBaseUrl as an operator would: MiniStack's events do not name the API's host, HubSpot signs it."""
        client = self.stack.aws("lambda")
        names = [each["FunctionName"] for each in client.list_functions()["Functions"]]
        (name,) = [each for each in names if "WebhookFunction" in each]
        known = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        base = self.stack.webhook_url("").removesuffix("/webhooks/")
        client.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**known, "PUBLIC_BASE_URL": base}}
        )

    def post(self, delivery: Delivery) -> Sent:
        """Post it, signed with the source's secret."""
        secret = self.stack.secrets[delivery.source]
        return self.send(delivery, delivery.body, delivery.signed(secret, self._url(delivery)))

    def send(self, delivery: Delivery, body: bytes, headers: Mapping[str, str]) -> Sent:
        """Post bytes as they are."""
        with self.stack.http() as session:
            answer = session.post(self._url(delivery), data=body, headers=dict(headers), timeout=60)
        return Sent(delivery, answer.status_code, answer.json())

    def forge(self, delivery: Delivery, how: str) -> Sent:
        """Post a forged copy."""
        return self.send(
            delivery, *made.FORGERIES[how](delivery, self.stack.secrets[delivery.source], self._url(delivery))
        )

    def _url(self, delivery: Delivery) -> str:
        return self.stack.webhook_url(delivery.source)

    def look(self) -> Look:
        """Read the whole change log and the org's records."""
        return Look(self._log(), {name: self._records(name) for name in OBJECTS})

    def failed(self) -> frozenset[str]:
        """Return the changes of which the error log has an open entry."""
        return frozenset(
            name for name, item in self._items("ErrorLogTableName").items() if item["status"] != "Resolved"
        )

    def _log(self) -> dict[str, Item]:
        return self._items("ChangeLogTableName")

    def _items(self, output: str) -> dict[str, Item]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self.stack.outputs[output], ConsistentRead=True)
        items = [
            {name: next(iter(value.values())) for name, value in each.items()}
            for page in pages
            for each in page["Items"]
        ]
        return {item["correlation_id"]: item for item in items}

    def _records(self, object_name: str) -> list[dict[str, Any]]:
        with self.stack.http() as session:
            answer = session.get(f"{self.stack.org_url}/_org/records/{object_name}", timeout=30)
        answer.raise_for_status()
        records: list[dict[str, Any]] = answer.json()
        return records

    def wait(self, sent: Sequence[Sent], is_there: Callable[[Item], bool]) -> Look:
        """Wait until every accepted change of these is where it should be; then look, in any case."""
        wanted = [name for each in sent for name in each.ids]

        def missing() -> Counter[str]:
            log = self._log()
            return Counter(
                log.get(name, {}).get("state", "not in the log") for name in wanted if not is_there(log.get(name, {}))
            )

        if late := self._poll(missing):
            self.late.append(f"{[each.delivery.name for each in sent]}: {dict(late)}")
        return self.look()

    def drained(self) -> int:
        """Return how many messages stay on the inbound queue: a message goes a moment after its change is booked."""
        return self._poll(lambda: self.depth("InboundQueueUrl"))

    def _poll(self, left: Callable[[], Left]) -> Left:
        """Look until nothing is left, and return what is; once something was late, nothing is waited for long."""
        waiting = Retrying(
            stop=stop_after_delay(SHORTLY_S if self.late else WITHIN_S),
            wait=wait_fixed(0.3),
            retry=retry_if_result(bool),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        return waiting(left)

    def depth(self, output: str) -> int:
        """Return how many messages a queue has, those in flight and those that wait included."""
        names = [f"ApproximateNumberOfMessages{each}" for each in COUNTS]
        client = self.stack.aws("sqs")
        found = client.get_queue_attributes(QueueUrl=self.stack.outputs[output], AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)


def is_final(item: Item) -> bool:
    """Tell whether the books are closed for a change."""
    return item.get("state") in FINAL


def waits_for_parent(item: Item) -> bool:
    """Tell whether a change waits for the record that it refers to."""
    return item.get("state") in {"Queued", "Retrying"} and item.get("failure_kind") == "PARENT_MISSING"


def waits_or_is_needless(item: Item) -> bool:
    """Tell whether a change waits, or another one that waits makes it needless."""
    return waits_for_parent(item) or item.get("state") in {"Duplicate", "Superseded"}


def tell(trial: Trial, deliveries: Sequence[Delivery]) -> Story:
    """Post everything, part by part."""
    story = Story()
    with ThreadPoolExecutor(POSTS_AT_ONCE) as pool:
        for how in made.FORGERIES:
            story.refused[how] = list(pool.map(lambda each, how=how: trial.forge(each, how), deliveries))
    story.looks["forged"] = trial.look()
    deletes = [each for each in deliveries if each.topic in DELETE_TOPICS]
    orders = [each for each in deliveries if each.object_name == "Order"]
    others = [each for each in deliveries if each not in deletes and each not in orders]
    _part(trial, story, "orders before their customer", orders, waits_or_is_needless)
    _part(trial, story, "captured", others, is_final)
    _part(trial, story, "the orders' customer", [made.customer_of(orders[0])], is_final)
    story.looks["orders arrived"] = trial.wait(story.sent["orders before their customer"], is_final)
    _part(trial, story, AGAIN, [*orders, *others], is_final)
    _part(trial, story, "newer", [made.renamed(each, timedelta(hours=1)) for each in _one_each(deliveries)], is_final)
    _part(trial, story, "older", [made.renamed(each, -timedelta(hours=1)) for each in _one_each(deliveries)], is_final)
    _part(trial, story, "nobody's order", [made.without_customer(orders[0])], is_final)
    _part(trial, story, "deletes", deletes, is_final)
    story.queued, story.dead = trial.drained(), trial.depth("InboundDeadLetterQueueUrl")
    story.late, story.failed = trial.late, trial.failed()
    return story


def _one_each(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Return one delivery of each record."""
    return list({(each.source, each.object_name): each for each in deliveries if each.object_name}.values())


def _part(
    trial: Trial, story: Story, name: str, deliveries: Sequence[Delivery], is_there: Callable[[Item], bool]
) -> None:
    sent = [trial.post(each) for each in deliveries]
    story.sent[name] = sent
    story.looks[name] = trial.wait(sent, is_there)
