"""When the inbound queue holds so much that it goes by jobs."""

from datetime import UTC, datetime, timedelta

import pytest

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.services.backlog_watch import BacklogWatch

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


class Queue:
    def __init__(self, *depths):
        self.depths = list(depths)
        self.now = NOON
        self.asked = 0

    def waiting(self):
        self.asked += 1
        depth = self.depths.pop(0)
        if isinstance(depth, SyncError):
            raise depth
        return depth

    def looks(self, threshold=100):
        """Give what a watch says at each look."""
        watch = BacklogWatch(self.waiting, threshold, lambda: self.now)
        while self.depths:
            yield watch.is_high()
            self.now += timedelta(seconds=5)


def test_queue_is_high_above_its_threshold_until_a_quarter_of_it_is_left():
    queue = Queue(100, 101, 60, 26, 25, 100, 101)

    assert list(queue.looks()) == [False, True, True, True, False, False, True]


def test_queue_is_asked_once_in_five_seconds():
    queue = Queue(101, 0)
    watch = BacklogWatch(queue.waiting, 100, lambda: queue.now)

    answers = []
    for _ in range(6):
        answers.append(watch.is_high())
        queue.now += timedelta(seconds=1)

    assert (answers, queue.asked) == ([True] * 5 + [False], 2)


def test_queue_that_cannot_be_asked_is_as_it_was():
    unavailable = SyncError(FailureKind.AWS_UNAVAILABLE, "no")

    assert list(Queue(unavailable, 101, unavailable).looks()) == [False, True, True]


@pytest.mark.parametrize("depth", [0, 10**6])
def test_without_a_threshold_nothing_is_asked_and_nothing_handed_over(depth):
    queue = Queue(depth)

    assert not BacklogWatch(queue.waiting, 0, lambda: queue.now).is_high()
    assert queue.asked == 0
