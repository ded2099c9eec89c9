"""Compares a world that has come to rest with the truth: nothing lost, nothing doubled, nothing stale."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from lockstep.domain.failures import DISPOSITIONS, Disposition, FailureKind
from tests.chaos.simulation.story import Story, Told
from tests.chaos.world import KEY_FIELDS, World

_COSTS_NOTHING = {kind.value for kind, disposition in DISPOSITIONS.items() if disposition is Disposition.HALT}
SETTLED = {"Applied", "Superseded", "Duplicate"}
SHOWN = {"Account": "Name", "Order": "Shopify_Order_Number__c"}


@dataclass
class Damage:
    """What was found, by kind; each line names the record or the change."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    unbooked: list[str] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def counts(self) -> dict[str, int]:
        """How much of each."""
        return {kind: len(lines) for kind, lines in vars(self).items()}

    def lines(self) -> list[str]:
        """Everything, a line each."""
        return [f"{kind}: {line}" for kind, lines in vars(self).items() for line in lines]


def judge(world: World, story: Story, damage: Damage) -> None:
    """Look at the org, its history and the change log, and note what is wrong."""
    _judge_books(world, damage)
    found = _records(world, damage)
    for record, newest in story.newest().items():
        _judge_record(record, newest, found.get(record), damage)
    _judge_history(world, damage)


def judge_patience(world: World, damage: Damage) -> None:
    """P4: nothing was given up, and no try was spent while the org was away.

    But a child is given up whose parent waits for a person.
    """
    waits_for_people = bool(world.errors("Pending"))
    for name, entry in world.errors("Abandoned").items():
        if not (waits_for_people and entry["failure_kind"]["S"] == FailureKind.PARENT_MISSING):
            damage.spent.append(f"{name}: given up")
    for name, entry in world.errors().items():
        kinds = {attempt["M"]["failure_kind"]["S"] for attempt in entry["attempts"]["L"]}
        damage.spent += [f"{name}: a try was spent on {kind}" for kind in sorted(kinds & _COSTS_NOTHING)]


def _judge_books(world: World, damage: Damage) -> None:
    """P1: every change answered with 2xx is in the log, and in an end state."""
    log = world.log()
    damage.lost += [f"{name}: accepted, and not in the change log" for name in sorted(world.accepted - set(log))]
    for name, item in log.items():
        state = item["state"]["S"]
        if state not in SETTLED and name in world.accepted:
            damage.unbooked.append(f"{name}: {state} {item.get('failure_kind', {}).get('S', '')}")
    for name, entry in world.errors().items():
        # One that died after it had resolved the entry, and was overtaken, ends as Superseded: both are settled.
        end, state = entry.get("resolved_as", entry["status"])["S"], log.get(name, {}).get("state", {}).get("S")
        if end != state and not {end, state} <= SETTLED:
            damage.unbooked.append(f"{name}: the change log ({state}) and the error log ({end}) do not say the same")


def _records(world: World, damage: Damage) -> dict[tuple[str, str], dict[str, Any]]:
    """P2: at most one record for each External ID."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for object_name, field_name in KEY_FIELDS.items():
        for each in world.org.records(object_name):
            found[object_name, str(each[field_name])].append(each)
    damage.duplicated += [f"{key}: {len(records)} records" for key, records in found.items() if len(records) > 1]
    return {key: records[0] for key, records in found.items()}


def _judge_record(record: tuple[str, str], newest: Told, found: dict[str, Any] | None, damage: Damage) -> None:
    """P3: the newest event has the last word; a delete marks only what is there."""
    if found is None:
        if not newest.is_delete:
            damage.lost.append(f"{record}: not in the org")
        return
    if newest.is_delete:
        if not found["Is_Deleted_In_Shopify__c"]:
            damage.stale.append(f"{record}: its delete was overwritten")
    elif found[SHOWN[record[0]]] != newest.name:
        damage.stale.append(f"{record}: shows {found[SHOWN[record[0]]]}, and {newest.name} is newest")


def _judge_history(world: World, damage: Damage) -> None:
    """P3: no version ever went back, not even for a moment."""
    for object_name in KEY_FIELDS:
        for each in world.org.records(object_name):
            written = [entry["values"] for entry in world.org.history_of(each["Id"])]
            versions = [values["Shopify_Version__c"] for values in written if "Shopify_Version__c" in values]
            if versions != sorted(versions):
                damage.stale.append(f"{object_name} {each['Id']}: a version went back")
