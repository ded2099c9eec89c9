"""Counts of rows, and names of loads."""

from lockstep.domain.loads import load_id
from lockstep.domain.row_counts import JobRows, RowCounts


def test_counts_add_up_place_by_place_and_by_kind():
    first = RowCounts(read=10, rejected=2, succeeded=7, failures={"MAPPING_FAILED": 2})
    second = RowCounts(read=5, logged=1, succeeded=4, failures={"ROW_LOCKED": 1})

    total = RowCounts.sum_of([first, second])

    assert total == RowCounts(
        read=15, rejected=2, logged=1, succeeded=11, failures={"MAPPING_FAILED": 2, "ROW_LOCKED": 1}
    )


def test_rows_are_on_their_way_until_they_are_counted_elsewhere():
    places = {"rejected": 1, "collapsed": 2, "superseded": 3, "by_rest": 4, "succeeded": 5, "logged": 6}

    assert RowCounts(read=30, **places).on_their_way == 30 - sum(places.values())


def test_a_job_says_how_many_rows_no_result_names():
    assert JobRows(submitted=10, successful=4, failed=3, unprocessed=1).missing == 2


def test_the_same_object_is_one_load_and_new_content_another():
    assert load_id("drops", "erp/a.csv", "etag-1:10") == load_id("drops", "erp/a.csv", "etag-1:10")
    names = {load_id("drops", "erp/a.csv", "2"), load_id("drops", "erp/a.csv", "1"), load_id("drop", "serp/a.csv", "1")}
    assert len(names) == 3
