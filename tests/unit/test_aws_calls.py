"""Several calls to AWS at once: in order, and none outlives its batch."""

import threading

import pytest

from lockstep.adapters.aws import call_all, checked_range
from lockstep.domain.failures import FailureKind, SyncError


def test_results_are_in_the_order_of_what_was_asked():
    assert call_all(lambda number: number * 2, range(50)) == [number * 2 for number in range(50)]


def test_error_is_raised_when_no_call_is_under_way_any_more():
    failed, is_raised, outlived = threading.Event(), threading.Event(), []

    def call(number):
        if number == 0:
            failed.set()
            raise ConnectionError
        failed.wait(5)
        outlived.append(is_raised.wait(0.1))

    with pytest.raises(ConnectionError):
        call_all(call, range(4))
    is_raised.set()

    assert outlived == [False] * 3


def test_another_part_of_an_object_than_was_asked_for_is_refused():
    assert checked_range({"ContentLength": 3, "Body": "body"}, 10, 13) == "body"

    with pytest.raises(SyncError) as raised:
        checked_range({"ContentLength": 100, "Body": "body"}, 10, 13)

    assert (raised.value.kind, raised.value.error_code) == (FailureKind.AWS_UNAVAILABLE, "RangeIgnored")
