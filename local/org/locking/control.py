"""What a test may do to row locks through the control prefix."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from local.org import ids
from local.org.org import Org


def _long_id(text: str) -> str:
    short_id = ids.shorten(text)
    if short_id is None:
        raise ValueError("no record id")
    return ids.to_18(short_id)


class Hold(BaseModel):
    """Records that somebody else's transaction locks."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Annotated[str, AfterValidator(_long_id)]]
    for_s: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 60.0


def locks_state(org: Org) -> dict[str, Any]:
    """Return the settings, and the locks with the seconds that each has left."""
    with org.lock:
        return {"settings": org.row_locks.settings.model_dump(mode="json"), "held": org.row_locks.held()}


def change_locks(org: Org, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change the settings; pydantic.ValidationError for what is none."""
    with org.lock:
        org.row_locks.change(**changes)
    return locks_state(org)


def hold_locks(org: Org, hold: Mapping[str, Any]) -> dict[str, Any]:
    """Lock records; pydantic.ValidationError for what is no list of ids."""
    wanted = Hold.model_validate(hold)
    with org.lock:
        org.row_locks.hold(wanted.ids, wanted.for_s)
    return locks_state(org)


def free_locks(org: Org) -> dict[str, Any]:
    """End every lock."""
    with org.lock:
        org.row_locks.free_all()
    return locks_state(org)
