"""The failure of what could not be mapped."""

from typing import NamedTuple

from lockstep.domain.also_records import records_of
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.json_text import JsonValue
from lockstep.domain.mapped import Unmappable
from lockstep.domain.mapping import CompiledRoute

TOLD_AT_ONCE = 20  # of the problems of one change; thousands of lines can have one each


class Told(NamedTuple):
    """What is mapped; the arguments of `records_of`."""

    payload: JsonValue
    external_id: str
    version: int
    change_id: str


def mapping_failure(unmappable: Unmappable, route: CompiledRoute, told: Told) -> SyncError:
    """Say all that is wrong; a limit of the org's is told from what the route itself refuses."""
    # What the route as written lets pass is refused for what the org says of its fields, which may be out of date.
    written = route.as_written
    is_limit = written and not isinstance(records_of(written, *told), Unmappable)
    return told_problems(unmappable, FailureKind.FIELD_LIMIT if is_limit else FailureKind.MAPPING_FAILED)


def told_problems(unmappable: Unmappable, kind: FailureKind) -> SyncError:
    """Say the problems, as many as somebody reads."""
    problems = [f"{each.field}: {each.reason}. {each.remedy}" for each in unmappable.problems]
    more = len(problems) - TOLD_AT_ONCE
    told = [*problems[:TOLD_AT_ONCE], *([f"and {more} more problems"] if more > 0 else [])]
    return SyncError(kind, "; ".join(told))
