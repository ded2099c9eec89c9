"""How long a change waits before it is tried again in the REST lane, and when waiting ends."""

from collections.abc import Callable

from lockstep.domain.failures import Disposition

Uniform = Callable[[float, float], float]

# SQS, SendMessage: DelaySeconds ends at 900.
LONGEST_DELAY_S = 900
_FIRST_DELAY_S = {Disposition.RETRY_SOON: 2, Disposition.RETRY: 60, Disposition.HALT: 60}
# A parent may come with the next export: with these a change waits for about two hours before a person is asked.
_MOST_DEFERRALS = {Disposition.RETRY_SOON: 16, Disposition.RETRY: 12}


def deferral_s(disposition: Disposition, deferrals: int, uniform: Uniform) -> int | None:
    """Seconds to wait, or None where the change has waited long enough and needs a person.

    An outage of the org (HALT) is waited out however long it is: it costs no try.

    Args:
        disposition: RETRY_SOON, RETRY or HALT.
        deferrals: How often the change was deferred before: 0 for the first time.
        uniform: Picks a float in [low, high]; `random.uniform` outside tests.
    """
    if deferrals >= _MOST_DEFERRALS.get(disposition, deferrals + 1):
        return None
    delay_s = min(_FIRST_DELAY_S[disposition] * 2 ** min(deferrals, 10), LONGEST_DELAY_S)
    return max(1, round(uniform(delay_s / 2, delay_s)))
