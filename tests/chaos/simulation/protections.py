"""Switches the product's protections off, one by one: what the simulation then finds is what they are for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from functions.upsert import handler as upsert_handler
from lockstep.adapters.change_log import DynamoDbChangeLog
from lockstep.adapters.version_guard import DynamoDbVersionGuard
from lockstep.domain.changes import Change
from lockstep.domain.guard import GuardAnswer
from lockstep.ports import ClaimAnswer
from lockstep.runtime import sqs_batch

Spoil = Callable[[pytest.MonkeyPatch], None]


def _without_dedupe_commit(patch: pytest.MonkeyPatch) -> None:
    """Take a change for kept as soon as it is claimed: the mark stands before the work."""
    claim = DynamoDbChangeLog.claim

    def claim_for_good(log: DynamoDbChangeLog, changes: Sequence[Change], now: datetime) -> Sequence[ClaimAnswer]:
        answers = claim(log, changes, now)
        log.mark_queued([change for change, answer in zip(changes, answers, strict=True) if answer == "granted"], now)
        return answers

    patch.setattr(DynamoDbChangeLog, "claim", claim_for_good)


def _without_version_lease(patch: pytest.MonkeyPatch) -> None:
    """Let everybody write whatever they have."""
    patch.setattr(DynamoDbVersionGuard, "_claim", lambda *_args: GuardAnswer.GRANTED)


def _without_partial_batch_response(patch: pytest.MonkeyPatch) -> None:
    """Tell the queue that everything was done."""

    def all_done(*args: Any) -> dict[str, list[Any]]:
        sqs_batch.process_changes(*args)
        return {"batchItemFailures": []}

    patch.setattr(upsert_handler, "process_changes", all_done)


PROTECTIONS: Mapping[str, Spoil] = {
    "dedupe commit": _without_dedupe_commit,
    "version lease": _without_version_lease,
    "partial batch response": _without_partial_batch_response,
}
