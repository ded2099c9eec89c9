"""What a test changes about the org's limits, and how they stand."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from local.org.long_calls import LongCalls
from local.org.usage import ApiUsage

_Count = Annotated[int, Field(ge=0)]


class LimitChanges(BaseModel):
    """What is not given stays. `others_use` adds calls to the day; `app_max` null takes the app's allocation away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    daily_api_requests_max: _Count | None = None
    used: _Count | None = None
    others_use: _Count = 0
    app_name: Annotated[str, Field(min_length=1)] | None = None
    app_max: _Count | None = None
    concurrent_max: _Count | None = None
    long_call_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    long_calls_running: _Count | None = None


def change_limits(changes: LimitChanges, usage: ApiUsage, long_calls: LongCalls) -> None:
    """Apply the changes."""
    if changes.daily_api_requests_max is not None:
        usage.maximum = changes.daily_api_requests_max
    if changes.used is not None:
        usage.set_used(changes.used)
    usage.count_others(changes.others_use)
    usage.app_name = changes.app_name or usage.app_name
    if "app_max" in changes.model_fields_set:
        usage.app_maximum = changes.app_max
    _change_long_calls(changes, long_calls)


def _change_long_calls(changes: LimitChanges, long_calls: LongCalls) -> None:
    if changes.concurrent_max is not None:
        long_calls.maximum = changes.concurrent_max
    if changes.long_call_s is not None:
        long_calls.long_s = changes.long_call_s
    if changes.long_calls_running is not None:
        long_calls.pretended = changes.long_calls_running


def limits_state(usage: ApiUsage, long_calls: LongCalls) -> dict[str, Any]:
    """Return how the limits stand; `long_calls_running` counts real and pretended calls."""
    return {
        "daily_api_requests_max": usage.maximum,
        "used": usage.used,
        "used_by_app": usage.used_by_app,
        "app_name": usage.app_name,
        "app_max": usage.app_maximum,
        "concurrent_max": long_calls.maximum,
        "long_call_s": long_calls.long_s,
        "long_calls_running": long_calls.running,
    }
