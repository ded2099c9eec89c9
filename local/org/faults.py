"""Faults as data: what goes wrong, for which calls or rows, how often, before or after the commit."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
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


class FaultKind(StrEnum):
    """What a fault strikes."""

    CALL = "call"
    MIDDLE = "middle"
    ROW = "row"
    JOB = "job"


class JobFault(StrEnum):
    """What becomes of a bulk job: it fails, stays in progress, or a person aborts it."""

    FAIL = "fail"
    STICK = "stick"
    ABORT = "abort"


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
    `after_bytes` strikes in the middle: of the body of a call that has one, else of the answer.
    `holds_locks` lets a delayed call hold what it locked until its delay is over.
    `job` is for bulk jobs, see `JobFault`; `delay_s` is then how long a job sticks, 0 until the faults are cleared.
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
    holds_locks: bool = False
    drop_connection: bool = False
    ends_sessions: bool = False
    after_bytes: Annotated[int, Field(ge=0)] | None = None
    chunked: bool = False
    """An answer that breaks off in the middle is sent without its length."""
    job: JobFault | None = None
    after_rows: Annotated[int, Field(ge=0)] = 0
    """Rows of the job that are written before; whole chunks of 200 only."""

    @property
    def kind(self) -> FaultKind:
        """What the fault strikes."""
        if self.job is not None:
            return FaultKind.JOB
        if self.row:
            return FaultKind.ROW
        return FaultKind.CALL if self.after_bytes is None else FaultKind.MIDDLE

    @property
    def replaces_answer(self) -> bool:
        """True where the caller gets the fault and not the org's answer."""
        return bool(self.status or self.error_code or self.html or self.drop_connection)

    @property
    def drops_body(self) -> bool:
        """True where the rest of a call's body is never read: its connection is gone."""
        return self.drop_connection or not (self.replaces_answer or self.ends_sessions)

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
        self._kinds: frozenset[FaultKind] = frozenset()
        self.has_row_faults = False

    def plan(self, plans: Sequence[FaultPlan]) -> None:
        """Add faults."""
        with self._lock:
            self._planned.extend(_Planned(each) for each in plans)
            self._note_kinds()

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._planned.clear()
            self._note_kinds()

    def _note_kinds(self) -> None:
        self._kinds = frozenset(each.plan.kind for each in self._planned)
        self.has_row_faults = FaultKind.ROW in self._kinds

    def state(self) -> list[dict[str, Any]]:
        """Return each plan with how often it was met and how often it struck."""
        with self._lock:
            return [{**p.plan.model_dump(mode="json"), "seen": p.seen, "fired": p.fired} for p in self._planned]

    def holds(self, plan: FaultPlan) -> bool:
        """Tell whether the fault is still planned: it was not cleared."""
        with self._lock:
            return any(each.plan is plan for each in self._planned)

    def for_call(self, call: CallFacts) -> FaultPlan | None:
        """Return the fault that strikes this call, counting every plan that matches it."""
        return self._first(FaultKind.CALL, lambda match: _meets(match, call))

    def for_middle(self, call: CallFacts) -> FaultPlan | None:
        """Return the fault that strikes in the middle of this call's body or answer, counting likewise."""
        return self._first(FaultKind.MIDDLE, lambda match: _meets(match, call))

    def for_job(self, object_name: str) -> FaultPlan | None:
        """Return the fault that strikes a bulk job that starts to write to that object, counting likewise."""
        return self._first(FaultKind.JOB, lambda match: _is_for(match, object_name))

    def _first(self, kind: FaultKind, meets: Callable[[FaultMatch], bool]) -> FaultPlan | None:
        if kind not in self._kinds:
            return None
        with self._lock:
            struck = [p.plan for p in self._planned if p.plan.kind is kind and meets(p.plan.match) and p.fires()]
        return struck[0] if struck else None

    def for_row(self, object_name: str, keys: Collection[str]) -> FaultPlan | None:
        """Return the fault that strikes the row that is known by these keys."""
        with self._lock:
            for planned in self._planned:
                is_struck = planned.plan.kind is FaultKind.ROW and _meets_row(planned.plan.match, object_name, keys)
                if is_struck and planned.fires():
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
    return _is_for(match, object_name) and (match.external_id is None or match.external_id in keys)


def _is_for(match: FaultMatch, object_name: str) -> bool:
    return match.object is None or match.object.lower() == object_name.lower()
