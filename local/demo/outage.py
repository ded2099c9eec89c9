"""An outage of the org: nothing but 503 for a while; what Lockstep does, and what it tells people."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from local.demo.alerts import Mailbox
from local.demo.org_control import call_off, tell_org
from local.stack import Stack

WAITS = "Lockstep waits"
GOES_ON = "Lockstep goes on"
TOLD_WITHIN_S = 120.0
_LOOK_EVERY_S = 2
_LASTS_S = 7200
_TRIGGER_OFF = frozenset({"Disabling", "Disabled"})


@dataclass(slots=True)
class Outage:
    """What was seen of it: what people were told, whether the trigger was off, the tries that its changes spent."""

    alerts: list[str] = field(default_factory=list)
    was_trigger_off: bool = False
    tries: int = 0

    def was_told(self, words: str) -> bool:
        """True where the subject of an alert has these words."""
        return any(words in each for each in self.alerts)


def begin_outage(stack: Stack) -> None:
    """Put the org into a maintenance window: every call, sign-in included, is answered 503."""
    tell_org(stack, "maintenance", {"lasts_s": _LASTS_S})


def end_outage(stack: Stack) -> None:
    """Let the org answer again; Lockstep is not told."""
    call_off(stack, "maintenance")


def is_trigger_off(stack: Stack) -> bool:
    """Tell whether the upsert function gets nothing from its queue."""
    mapping = stack.aws("lambda").get_event_source_mapping(UUID=stack.outputs["UpsertMappingId"])
    return mapping["State"] in _TRIGGER_OFF


def wait_for_alert(outage: Outage, mailbox: Mailbox, words: str, meanwhile: Callable[[], None]) -> None:
    """Collect alerts until one has these words, or for two minutes; the verdict at the end says which."""
    until = time.monotonic() + TOLD_WITHIN_S
    while not outage.was_told(words) and time.monotonic() < until:
        meanwhile()
        outage.alerts += mailbox.subjects(_LOOK_EVERY_S)


def tries_spent(stack: Stack, correlation_ids: Collection[str]) -> int:
    """Count the tries of changes: only the error log counts them, and only what was in it has spent one."""
    pages = stack.aws("dynamodb").get_paginator("scan")
    items = (
        item
        for page in pages.paginate(TableName=stack.outputs["ErrorLogTableName"], ConsistentRead=True)
        for item in page["Items"]
    )
    return sum(int(item["tries"]["N"]) for item in items if item["correlation_id"]["S"] in correlation_ids)
