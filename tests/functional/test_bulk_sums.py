"""A job that fails half-way, at the size that it has in production."""

from lockstep.domain.loads import LoadState
from lockstep.domain.row_counts import JobRows, RowCounts
from tests.fakes.bulk_lane import bulk_lane

RESULTS = ("successful", "failed", "unprocessed")


def test_of_50_000_rows_of_which_20_000_were_processed_when_the_job_failed_all_arrive_and_the_sum_is_50_000():
    with bulk_lane() as lane:
        lane.org.plan_faults({"job": "fail", "after_rows": 20_000})
        lane.drop([[f"k{number:05d}", 1, f"Name {number}", ""] for number in range(50_000)])

        lane.step("chunks")
        lane.work()

        (chunk,) = lane.chunks()
        first = [lane.file(f"loads/load-1/results/000001.1.{which}.csv").count("\n") - 1 for which in RESULTS]
        assert first == [20_000, 0, 30_000]
        assert (chunk.attempt, chunk.tries, chunk.job) == (2, 1, JobRows(submitted=30_000, successful=30_000))
        assert lane.counts() == RowCounts(read=50_000, succeeded=50_000)
        assert lane.load().state is LoadState.DONE
        assert len(lane.records()) == 50_000
        assert lane.world.errors() == {}
