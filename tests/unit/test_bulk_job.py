"""What is done at a look at an ingest job."""

from hypothesis import given
from hypothesis import strategies as st

from lockstep.domain.bulk_job import (
    FIRST_LOOK_S,
    LAST_LOOK_S,
    Aborted,
    CollectResults,
    IngestJob,
    JobState,
    LookAgain,
    NotClosed,
    next_look,
)
from lockstep.domain.failures import FailureKind, SyncError


def look(state, processed=0, looks=1, elapsed_s=0.0, failure=None):
    job = IngestJob("750", state, processed=processed, failure=failure)
    return next_look(job, rows=1_000, looks=looks, elapsed_s=elapsed_s)


def test_each_state_has_its_step():
    failure = SyncError(FailureKind.BULK_JOB_FAILED, "x")

    assert look(JobState.OPEN) == NotClosed()
    assert look(JobState.JOB_COMPLETE) == CollectResults(None)
    assert look(JobState.FAILED, failure=failure) == CollectResults(failure)
    assert look(JobState.ABORTED) == Aborted()
    assert [state for state in JobState if state.is_terminal] == [
        JobState.JOB_COMPLETE,
        JobState.FAILED,
        JobState.ABORTED,
    ]


def test_a_job_that_shows_no_progress_is_looked_at_less_and_less():
    looks = [look(JobState.UPLOAD_COMPLETE, looks=number, elapsed_s=60.0) for number in range(1, 8)]

    assert looks == [LookAgain(seconds) for seconds in (5, 10, 20, 40, 80, 120, 120)]


def test_a_job_is_looked_at_when_it_should_have_ended_at_its_own_pace():
    assert look(JobState.IN_PROGRESS, processed=250, elapsed_s=20.0) == LookAgain(60)
    assert look(JobState.IN_PROGRESS, processed=999, elapsed_s=20.0) == LookAgain(FIRST_LOOK_S)
    assert look(JobState.IN_PROGRESS, processed=1, elapsed_s=20.0) == LookAgain(LAST_LOOK_S)
    assert look(JobState.IN_PROGRESS, processed=2_000, elapsed_s=20.0) == LookAgain(FIRST_LOOK_S)


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.floats(0, 10**7))
def test_a_wait_is_never_out_of_bounds(processed, looks, elapsed_s):
    found = look(JobState.IN_PROGRESS, processed=processed, looks=looks, elapsed_s=elapsed_s)

    assert isinstance(found, LookAgain)
    assert FIRST_LOOK_S <= found.delay_s <= LAST_LOOK_S
