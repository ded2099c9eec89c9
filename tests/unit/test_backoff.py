"""How long a change waits, and when waiting ends."""

import pytest

from lockstep.domain.backoff import LONGEST_DELAY_S, deferral_s
from lockstep.domain.failures import DISPOSITIONS, Disposition, FailureKind


def _longest(_low: float, high: float) -> float:
    return high


@pytest.mark.parametrize(
    ("disposition", "deferrals", "delay_s"),
    [
        (Disposition.RETRY_SOON, 0, 2),
        (Disposition.RETRY_SOON, 3, 16),
        (Disposition.RETRY_SOON, 12, LONGEST_DELAY_S),
        (Disposition.RETRY, 0, 60),
        (Disposition.RETRY, 2, 240),
        (Disposition.HALT, 1000, LONGEST_DELAY_S),
    ],
)
def test_delay_doubles_up_to_what_the_queue_allows(disposition, deferrals, delay_s):
    assert deferral_s(disposition, deferrals, _longest) == delay_s


@pytest.mark.parametrize("disposition", [Disposition.RETRY, Disposition.RETRY_SOON])
def test_waiting_ends_and_a_person_is_asked(disposition):
    assert deferral_s(disposition, 15, _longest) is None or disposition is Disposition.RETRY_SOON
    assert deferral_s(disposition, 16, _longest) is None


def test_delay_is_spread_and_never_zero():
    assert deferral_s(Disposition.RETRY_SOON, 0, lambda low, _high: low) == 1


def test_every_failure_kind_has_a_disposition():
    assert set(DISPOSITIONS) == set(FailureKind)
