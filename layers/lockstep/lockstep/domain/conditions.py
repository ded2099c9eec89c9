"""Conditions: what is only written when the payload says so."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias, cast

from lockstep.domain.conversions.results import Presence, Problem
from lockstep.domain.expressions import Expression
from lockstep.domain.json_text import JsonValue
from lockstep.domain.presence import FieldStep, Run, Settled

Holds: TypeAlias = Callable[[JsonValue], bool | Problem]

_MISFIT = Problem("a function in `when` does not fit the payload", "correct `when`, or the payload in the source")


def condition(expression: Expression | None) -> Holds | None:
    """Return whether the expression finds something that JMESPath takes for true.

    Null, false, an empty text, an empty list, an empty object, and what is not there are false; 0 is true.
    """
    if expression is None:
        return None
    find = expression.find

    def holds(payload: JsonValue) -> bool | Problem:
        try:
            found = find(cast("dict[str, JsonValue]", payload))
        except ValueError:
            return _MISFIT
        return found is not None and found is not False and found not in ("", [], {})

    return holds


def only_when(holds: Holds | None, step: FieldStep) -> FieldStep:
    """Return the step that leaves its field alone where the condition does not hold."""
    if holds is None:
        return step
    return replace(step, run=_conditional(holds, step.run), column=None, settle=None, is_constant=False)


def _conditional(holds: Holds, run: Run) -> Run:
    def settled(payload: JsonValue) -> Settled:
        answer = holds(payload)
        if isinstance(answer, Problem):
            return answer
        return run(payload) if answer else Presence.LEAVE

    return settled
