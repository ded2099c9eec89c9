"""Maintenance windows: spans of the org's time in which nothing answers but the edge."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from local.org.clock import OrgClock
from local.org.messages import Reply

_PAGE = (
    b"<html><head><title>Maintenance</title></head>"
    b"<body><h1>We are down for maintenance.</h1><p>Please come back later.</p></body></html>"
)


class MaintenanceWindow(BaseModel):
    """One window. `starts_at_s` is the org's time, seconds since 1970; null means now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    starts_at_s: Annotated[float, Field(allow_inf_nan=False)] | None = None
    lasts_s: Annotated[float, Field(gt=0, le=1e9)]
    body: Literal["html", "empty"] = "html"
    closes_sign_in: bool = True


class Maintenance:
    """The planned windows of one org."""

    def __init__(self, clock: OrgClock) -> None:
        self._clock = clock
        self._windows: list[MaintenanceWindow] = []

    def plan(self, window: MaintenanceWindow) -> None:
        """Add a window."""
        starts_at_s = self._clock.now_s() if window.starts_at_s is None else window.starts_at_s
        self._windows.append(window.model_copy(update={"starts_at_s": starts_at_s}))

    def clear(self) -> None:
        """Forget every window: the org is open."""
        self._windows.clear()

    def state(self) -> list[dict[str, Any]]:
        """Return the windows, with when each ends and whether it is on."""
        shown = []
        for each in self._windows:
            ends_at_s = (each.starts_at_s or 0.0) + each.lasts_s
            shown.append({**each.model_dump(), "ends_at_s": ends_at_s, "is_on": self._is_on(each)})
        return shown

    def closed(self, segments: Sequence[str]) -> Reply | None:
        """Return the edge's answer to a request, or None where the org answers itself."""
        is_sign_in = tuple(segments[:2]) == ("services", "oauth2")
        for each in self._windows:
            if self._is_on(each) and (each.closes_sign_in or not is_sign_in):
                body = _PAGE if each.body == "html" else b""
                headers = [("Content-Type", "text/html;charset=UTF-8")] if body else []
                return Reply(HTTPStatus.SERVICE_UNAVAILABLE, body, headers)
        return None

    def _is_on(self, window: MaintenanceWindow) -> bool:
        starts_at_s = window.starts_at_s or 0.0
        return starts_at_s <= self._clock.now_s() < starts_at_s + window.lasts_s
