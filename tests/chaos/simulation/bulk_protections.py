"""Switches the bulk lane's protections off; see `protections`."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from lockstep.domain.protection import Protection as RowProtection
from lockstep.domain.row_counts import RowCounts
from lockstep.domain.verdicts import Failed
from lockstep.services.allow_rows import AllowRows
from lockstep.services.put_backlog import PutBacklog
from lockstep.services.settle_rows import SettleRows
from tests.chaos.simulation import files, play
from tests.chaos.simulation.spoils import AfterAck, Protection, die_before_ack, without_org_fence
from tests.chaos.simulation.trouble import Trouble

MOSTLY = 0.8


def _fenced(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Let the rows rely on the org."""
    patch.setattr(files, "FENCED", 1)


def _claimed(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Let the rows rely on their claims: the org has no fence, so no call may arrive late."""
    without_org_fence(patch, present)
    patch.setattr(files, "FENCED", 0)
    patch.setattr(play, "CAN_BE_LATE", 0)


def _without_claims_of_rows(patch: pytest.MonkeyPatch, _trouble: Trouble) -> None:
    """Let every row into the job that its file has."""
    allowed = AllowRows.__call__
    patch.setattr(
        AllowRows,
        "__call__",
        lambda self, load, chunk, rows, _protection, **more: allowed(
            self, load, chunk, rows, RowProtection.NONE, **more
        ),
    )


def _without_failed_rows_before_done(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Call a chunk done first, and store its failed rows then."""
    failed, later = SettleRows.failed, AfterAck(patch, present, MOSTLY)

    def failed_later(
        settle: SettleRows, failures: Sequence[Failed], place: str, has_time: Callable[[], bool]
    ) -> RowCounts:
        later.do(lambda: failed(settle, failures, place, has_time))
        return RowCounts.model_validate({place: len(failures)})

    patch.setattr(SettleRows, "failed", failed_later)


def _jobs_fail_and_functions_die(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Let most jobs fail, and functions die before their messages are acknowledged."""
    patch.setattr(files, "JOB_FAULTS", ({"job": "fail", "after_rows": 0},))
    patch.setattr(play, "JOB_FAULTS", 4)
    die_before_ack(patch, present, MOSTLY)


def _without_backlog_before_ack(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Take changes from the queue first, and store them for the bulk lane then."""
    put, later = PutBacklog.__call__, AfterAck(patch, present, MOSTLY)
    patch.setattr(PutBacklog, "__call__", lambda *args: later.do(lambda: put(*args)))


def _much_waits_and_functions_die(patch: pytest.MonkeyPatch, present: Trouble) -> None:
    """Let the queue grow, and functions die before their messages are acknowledged."""
    patch.setattr(files, "BY_FILE", 0.1)
    patch.setattr(play, "SMALL_BATCHES", 1)
    die_before_ack(patch, present, MOSTLY)


BULK_PROTECTIONS: Mapping[str, Protection] = {
    "files: org fence": Protection(without_org_fence, _fenced, has_files=True),
    "files: claims of rows": Protection(_without_claims_of_rows, _claimed, has_files=True),
    "files: failed rows before done": Protection(
        _without_failed_rows_before_done, _jobs_fail_and_functions_die, has_files=True
    ),
    "backlog before ack": Protection(_without_backlog_before_ack, _much_waits_and_functions_die, has_files=True),
}
