"""A job that fails half-way: what it had not come to arrives, and the sum is right. BULK_ROWS=50000 runs it in full."""

import os

from lockstep.domain.loads import LoadState
from lockstep.domain.row_counts import JobRows, RowCounts
from tests.fakes.bulk_lane import bulk_lane
from tests.functional.test_bulk_lane import fault, rows

COUNT = int(os.environ.get("BULK_ROWS", "5000"))
PROCESSED = COUNT * 2 // 5


def test_of_rows_of_which_two_fifths_were_processed_when_the_job_failed_all_arrive():
    with bulk_lane() as lane:
        fault(lane, job="fail", after_rows=PROCESSED)
        lane.drop(rows(COUNT))
        lane.step("chunks")
        lane.clock.advance(6)
        lane.step("polls")

        (chunk,) = lane.chunks()
        assert chunk.job == JobRows(submitted=COUNT, successful=PROCESSED, unprocessed=COUNT - PROCESSED)
        assert chunk.counts == RowCounts(read=COUNT, succeeded=PROCESSED)
        lane.work()

        assert len(lane.records()) == COUNT
        assert lane.counts() == RowCounts(read=COUNT, succeeded=COUNT)
        assert (lane.load().state, lane.world.errors()) == (LoadState.DONE, {})
