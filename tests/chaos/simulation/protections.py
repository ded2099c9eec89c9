"""Switches the product's protections off, one by one: what the simulation then finds is what they are for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from functions.upsert import handler as upsert_handler
from lockstep.adapters.change_log import DynamoDbChangeLog
from lockstep.adapters.error_log import DynamoDbErrorLog
from lockstep.adapters.version_guard import DynamoDbVersionGuard
from lockstep.domain.changes import Change, State
from lockstep.domain.error_log import ErrorEntry
from lockstep.domain.guard import GuardAnswer
from lockstep.ports import ClaimAnswer
from lockstep.runtime import sqs_batch
from tests.chaos import world
from tests.chaos.simulation import trouble
from tests.chaos.simulation.trouble import Trouble

DIES_IN_BETWEEN = 0.2  # of the times that there is something in between

Spoil = Callable[[pytest.MonkeyPatch, Trouble], None]


def _without_dedupe_commit(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Take a change for kept as soon as it is claimed: the mark stands before the work."""
    claim = DynamoDbChangeLog.claim

    def claim_for_good(log: DynamoDbChangeLog, changes: Sequence[Change], now: datetime) -> Sequence[ClaimAnswer]:
        answers = claim(log, changes, now)
        log.mark_queued([change for change, answer in zip(changes, answers, strict=True) if answer == "granted"], now)
        return answers

    patch.setattr(DynamoDbChangeLog, "claim", claim_for_good)


def _without_version_lease(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Let everybody write whatever they have."""
    patch.setattr(DynamoDbVersionGuard, "_claim", lambda *_args: GuardAnswer.GRANTED)


def _without_partial_batch_response(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Tell the queue that everything was done."""

    def all_done(*args: Any) -> dict[str, list[Any]]:
        sqs_batch.process_changes(*args)
        return {"batchItemFailures": []}

    patch.setattr(upsert_handler, "process_changes", all_done)


def _without_org_fence(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Take the validation rules out of the org, and let more calls arrive, as late as can be: only those it stops."""
    arrive = Trouble.arrive
    patch.setattr(world, "SCHEMA", replace(world.SCHEMA, validation_rules={}))
    patch.setattr(trouble, "LATE", 0.4)
    patch.setattr(Trouble, "arrive", lambda present: None if present.is_on else arrive(present))


def _without_error_log_before_ack(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Acknowledge the messages first, and log failures then."""
    log, process = DynamoDbErrorLog.log, upsert_handler.process_changes
    waiting: list[tuple[DynamoDbErrorLog, Sequence[ErrorEntry]]] = []

    def log_later(error_log: DynamoDbErrorLog, entries: Sequence[ErrorEntry]) -> Sequence[State | None]:
        waiting.append((error_log, entries))
        return [State(entry.status.value) for entry in entries]

    def acknowledge_first(*args: Any) -> Any:
        answer = process(*args)
        if waiting and present.is_on and present.chance.random() < DIES_IN_BETWEEN:
            present.happened["death between"] += 1
            world.forget_environment()
        else:
            with present.quiet():
                for error_log, entries in waiting:
                    log(error_log, entries)
        waiting.clear()
        return answer

    patch.setattr(DynamoDbErrorLog, "log", log_later)
    patch.setattr(upsert_handler, "process_changes", acknowledge_first)


PROTECTIONS: Mapping[str, Spoil] = {
    "dedupe commit": _without_dedupe_commit,
    "version lease": _without_version_lease,
    "org fence": _without_org_fence,
    "partial batch response": _without_partial_batch_response,
    "error log before ack": _without_error_log_before_ack,
}
