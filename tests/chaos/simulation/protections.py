"""Switches the product's protections off, one by one: what the simulation then finds is what they are for."""

from collections.abc import Mapping, Sequence
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
from tests.chaos.simulation import play, trouble
from tests.chaos.simulation.bulk_protections import BULK_PROTECTIONS
from tests.chaos.simulation.spoils import AfterAck, Protection, die_before_ack, without_org_fence
from tests.chaos.simulation.trouble import Trouble


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


def _org_has_no_fence(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Let the lease be all that there is: no call may arrive late, for only the org could refuse that."""
    without_org_fence(patch, present)
    patch.setattr(play, "CAN_BE_LATE", 0)


def _without_partial_batch_response(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Tell the queue that everything was done."""

    def all_done(*args: Any) -> dict[str, list[Any]]:
        sqs_batch.process_changes(*args)
        return {"batchItemFailures": []}

    patch.setattr(upsert_handler, "process_changes", all_done)


def _calls_arrive_late(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Let many calls arrive as late as can be: when the org would end them, or when all others have."""
    arrive = Trouble.arrive
    patch.setattr(play, "CAN_BE_LATE", 1)
    patch.setattr(trouble, "LATE", 0.4)
    patch.setattr(Trouble, "arrive", lambda present: None if present.is_on else arrive(present))


def _without_error_log_before_ack(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Acknowledge the messages first, and log failures then."""
    log, later = DynamoDbErrorLog.log, AfterAck(patch, present)

    def log_later(error_log: DynamoDbErrorLog, entries: Sequence[ErrorEntry]) -> Sequence[State | None]:
        later.do(lambda: log(error_log, entries))
        return [State(entry.status.value) for entry in entries]

    patch.setattr(DynamoDbErrorLog, "log", log_later)


def _rows_fail_and_functions_die(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Let many rows fail, and functions die before their messages are acknowledged."""
    patch.setattr(play, "ORG_FAULTS", 5)
    patch.setattr(play, "CALL_FAULTS", ())
    die_before_ack(patch, present)


PROTECTIONS: Mapping[str, Protection] = {
    "dedupe commit": Protection(_without_dedupe_commit),
    "version lease": Protection(_without_version_lease, _org_has_no_fence),
    "org fence": Protection(without_org_fence, _calls_arrive_late),
    "partial batch response": Protection(_without_partial_batch_response),
    "error log before ack": Protection(_without_error_log_before_ack, _rows_fail_and_functions_die),
    **BULK_PROTECTIONS,
}
