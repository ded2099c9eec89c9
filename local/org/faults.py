"""Faults as data: what goes wrong, for which calls or rows, how often, before or after the commit."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

DEFAULTS_BY_CODE: Mapping[str, tuple[int, str]] = {
    "INVALID_SESSION_ID": (401, "Session expired or invalid"),
    "REQUEST_LIMIT_EXCEEDED": (403, "TotalRequests Limit exceeded."),
    "UNABLE_TO_LOCK_ROW": (400, "unable to obtain exclusive access to this record"),
    "SERVER_UNAVAILABLE": (503, "Server Unavailable"),
    "UNKNOWN_EXCEPTION": (500, "An unexpected error occurred. Please include this ErrorId if you contact support: 1"),
}
_UNNAMED = (503, "Planned fault")


class FaultMatch(BaseModel):
    """Which calls or rows a fault is for; what is not given matches all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str | None = None
    path_contains: str | None = None
    object: str | None = None
    external_id: str | None = None
    nth: Annotated[int, Field(ge=1)] = 1


class FaultPlan(BaseModel):
    """One planned fault; `times` null means for ever. A plan of only `delay_s` makes the right answer slow.

    `ends_sessions` ends every session for good, before or after the call it strikes; the answer is the org's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: FaultMatch = FaultMatch()
    times: Annotated[int, Field(ge=1)] | None = 1
    when: Literal["before", "after"] = "before"
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    error_code: str | None = None
    message: str | None = None
    fields: tuple[str, ...] = ()
    html: bool = False
    row: bool = False
    delay_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    drop_connection: bool = False
    ends_sessions: bool = False

    @property
    def replaces_answer(self) -> bool:
        """True where the caller gets the fault and not the org's answer."""
        return bool(self.status or self.error_code or self.html or self.drop_connection)

    @property
    def answer(self) -> tuple[int, str, str]:
        """Return status, error code and message."""
        code = self.error_code or "SERVER_UNAVAILABLE"
        status, message = DEFAULTS_BY_CODE.get(code, _UNNAMED)
        return self.status or status, code, self.message or message


PLANS = TypeAdapter(list[FaultPlan])


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a fault can be matched with."""

    method: str
    path: str
    body: bytes


@dataclass(slots=True)
class _Planned:
    plan: FaultPlan
    seen: int = field(default=0)
    fired: int = field(default=0)

    def fires(self) -> bool:
        """Count one matching call or row and tell whether the fault strikes it."""
        self.seen += 1
        spent = self.plan.times is not None and self.fired >= self.plan.times
        if spent or self.seen < self.plan.match.nth:
            return False
        self.fired += 1
        return True


class Faults:
    """The planned faults, in the order they were planned."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()
        self.has_row_faults = False

    def plan(self, plans: Sequence[FaultPlan]) -> None:
        """Add faults."""
        with self._lock:
            self._planned.extend(_Planned(each) for each in plans)
            self.has_row_faults = any(each.plan.row for each in self._planned)

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._planned.clear()
            self.has_row_faults = False

    def state(self) -> list[dict[str, Any]]:
        """Return each plan with how often it was met and how often it struck."""
        with self._lock:
            return [{**p.plan.model_dump(mode="json"), "seen": p.seen, "fired": p.fired} for p in self._planned]

    def for_call(self, call: CallFacts) -> FaultPlan | None:
        """Return the fault that strikes this call, counting every plan that matches it."""
        if not self._planned:
            return None
        with self._lock:
            struck = [p.plan for p in self._planned if not p.plan.row and _meets(p.plan.match, call) and p.fires()]
        return struck[0] if struck else None

    def for_row(self, object_name: str, keys: Collection[str]) -> FaultPlan | None:
        """Return the fault that strikes the row that is known by these keys."""
        with self._lock:
            for planned in self._planned:
                if planned.plan.row and _meets_row(planned.plan.match, object_name, keys) and planned.fires():
                    return planned.plan
        return None


def _meets(match: FaultMatch, call: CallFacts) -> bool:
    return (
        (match.method is None or match.method.upper() == call.method)
        and (match.path_contains is None or match.path_contains in call.path)
        and (match.object is None or _names_object(match.object, call))
        and (match.external_id is None or _names(match.external_id, call))
    )


def _names_object(name: str, call: CallFacts) -> bool:
    return name.lower() in call.path.lower().split("/") or f'"{name}"'.encode() in call.body


def _names(external_id: str, call: CallFacts) -> bool:
    return external_id in call.path.split("/") or f'"{external_id}"'.encode() in call.body


def _meets_row(match: FaultMatch, object_name: str, keys: Collection[str]) -> bool:
    return (match.object is None or match.object.lower() == object_name.lower()) and (
        match.external_id is None or match.external_id in keys
    )
