"""The control prefix `/_org`: what tests do to the org and read from it. Reachable on loopback only, so open."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from local.org.automation.control import (
    automation_state,
    change_apex_limits,
    clear_automation,
    plan_automation,
)
from local.org.bulk.control import bulk_state
from local.org.errors import OrgError
from local.org.faults import PLANS
from local.org.json_body import parse_body
from local.org.json_text import to_json
from local.org.locking.control import change_locks, free_locks, hold_locks, locks_state
from local.org.messages import Reply, Request
from local.org.org import Org
from local.org.sign_in_gate import UserState


class _Clock(BaseModel):
    model_config = ConfigDict(extra="forbid")
    advance_s: Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class _User(BaseModel):
    model_config = ConfigDict(extra="forbid")
    state: UserState


Act = Callable[[Org, Request], Any]


def answer_control(org: Org, request: Request) -> Reply:
    """Answer a control request; its errors are `{"error": ...}` and never look like Salesforce's."""
    try:
        act = _find(request)
        return _reply(HTTPStatus.OK, act(org, request))
    except ValidationError as error:
        reasons = error.errors(include_url=False, include_context=False, include_input=False)
        return _reply(HTTPStatus.BAD_REQUEST, {"error": reasons})
    except OrgError as error:
        return _reply(error.status, {"error": error.message})


def _find(request: Request) -> Act:
    segments = request.segments[1:]
    act = _ACTS.get((request.method, "/".join(segments)))
    if act is not None:
        return act
    for method, template, named_act in _ACTS_ON_NAMED:
        if method == request.method and _fits(template.split("/"), segments):
            return named_act
    listed = [*((method, path) for method, path, _ in _ACTS_ON_NAMED), *_ACTS]
    known = ", ".join(f"{method} /_org/{path}" for method, path in listed)
    raise OrgError(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"unknown; known are {known}")


def _fits(parts: Sequence[str], segments: Sequence[str]) -> bool:
    pairs = zip(parts, segments, strict=False)
    return len(parts) == len(segments) and all(part[0] == "{" or part == segment for part, segment in pairs)


def _records(org: Org, request: Request) -> Any:
    name = request.segments[2]
    field, value = request.query.get("field"), request.query.get("value", "")
    listed = [each for each in request.query.get("fields", "").split(",") if each]
    try:
        return org.select(name, lambda record: field is None or _shows(record.get(field), value), listed)
    except KeyError as error:
        raise OrgError(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"no object {name}") from error


def _history(org: Org, request: Request) -> Any:
    _check_history(org)
    return org.history_of(request.segments[3])


def _went_back(org: Org, request: Request) -> Any:
    _check_history(org)
    try:
        return {"went_back": org.went_back(request.segments[2], request.query.get("field", ""))}
    except KeyError as error:
        raise OrgError(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"there is no {error.args[0]}; give ?field=") from error


def _check_history(org: Org) -> None:
    if not org.settings.keeps_history:
        raise OrgError(HTTPStatus.CONFLICT, "NOT_KEPT", "this org keeps no history; start it with --history")


def _shows(kept: Any, text: str) -> bool:
    """Compare with a query parameter: null is "", booleans are as in JSON."""
    if isinstance(kept, bool):
        return text == str(kept).lower()
    return text == ("" if kept is None else str(kept))


def _reset(org: Org, _request: Request) -> Any:
    org.reset()


def _calls(org: Org, _request: Request) -> Any:
    return org.call_log.as_json()


def _clear_calls(org: Org, _request: Request) -> Any:
    org.call_log.clear()


def _counts(org: Org, _request: Request) -> Any:
    return org.counts()


def _plan_faults(org: Org, request: Request) -> Any:
    org.faults.plan(PLANS.validate_python(parse_body(request)))
    return org.faults.state()


def _show_faults(org: Org, _request: Request) -> Any:
    return org.faults.state()


def _clear_faults(org: Org, _request: Request) -> Any:
    org.faults.clear()


def _advance(org: Org, request: Request) -> Any:
    org.advance_clock(TypeAdapter(_Clock).validate_python(parse_body(request)).advance_s)
    return {"now_s": org.clock.now_s()}


def _expire(org: Org, _request: Request) -> Any:
    org.expire_sessions()


def _revoke(org: Org, _request: Request) -> Any:
    org.revoke_refresh_tokens()


def _restore(org: Org, _request: Request) -> Any:
    org.restore_refresh_tokens()


def _limits(org: Org, request: Request) -> Any:
    return org.set_limits(**_changes(request))


def _show_limits(org: Org, _request: Request) -> Any:
    return org.set_limits()


def _plan_maintenance(org: Org, request: Request) -> Any:
    return org.plan_maintenance(**_changes(request))


def _show_maintenance(org: Org, _request: Request) -> Any:
    return org.maintenance.state()


def _clear_maintenance(org: Org, _request: Request) -> Any:
    org.maintenance.clear()


def _changes(request: Request) -> dict[str, Any]:
    return TypeAdapter(dict[str, Any]).validate_python(parse_body(request))


def _show_app(org: Org, _request: Request) -> Any:
    return org.sessions.app.model_dump(mode="json")


def _change_app(org: Org, request: Request) -> Any:
    return org.change_app(**_changes(request)).model_dump(mode="json")


def _set_user(org: Org, request: Request) -> Any:
    state = TypeAdapter(_User).validate_python(parse_body(request)).state
    org.set_user_state(state)
    return {"state": state}


def _show_bulk(org: Org, _request: Request) -> Any:
    return bulk_state(org)


def _change_bulk(org: Org, request: Request) -> Any:
    return org.set_bulk(**_changes(request)).model_dump(mode="json")


def _abort_job(org: Org, request: Request) -> Any:
    org.abort_job(request.segments[3])


_ACTS: dict[tuple[str, str], Act] = {
    ("POST", "reset"): _reset,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _clear_calls,
    ("GET", "counts"): _counts,
    ("POST", "faults"): _plan_faults,
    ("GET", "faults"): _show_faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "clock"): _advance,
    ("POST", "sessions/expire"): _expire,
    ("GET", "limits"): _show_limits,
    ("POST", "limits"): _limits,
    ("GET", "maintenance"): _show_maintenance,
    ("POST", "maintenance"): _plan_maintenance,
    ("DELETE", "maintenance"): _clear_maintenance,
    ("DELETE", "refresh-tokens"): _revoke,
    ("PUT", "refresh-tokens"): _restore,
    ("GET", "connected-app"): _show_app,
    ("POST", "connected-app"): _change_app,
    ("POST", "user"): _set_user,
    ("GET", "locks"): lambda org, _request: locks_state(org),
    ("POST", "locks"): lambda org, request: change_locks(org, _changes(request)),
    ("POST", "locks/held"): lambda org, request: hold_locks(org, _changes(request)),
    ("DELETE", "locks/held"): lambda org, _request: free_locks(org),
    ("GET", "automation"): lambda org, _request: automation_state(org),
    ("POST", "automation"): lambda org, request: plan_automation(org, parse_body(request)),
    ("DELETE", "automation"): lambda org, _request: clear_automation(org),
    ("POST", "automation/limits"): lambda org, request: change_apex_limits(org, _changes(request)),
    ("GET", "bulk"): _show_bulk,
    ("POST", "bulk"): _change_bulk,
}


_ACTS_ON_NAMED: tuple[tuple[str, str, Act], ...] = (
    ("GET", "records/{Object}", _records),
    ("GET", "history/{Object}/{id}", _history),
    ("GET", "history/{Object}", _went_back),
    ("POST", "bulk/jobs/{id}/abort", _abort_job),
)


def _reply(status: int, value: Any) -> Reply:
    body = to_json({} if value is None else value, pretty=False)
    return Reply(status, body, [("Content-Type", "application/json;charset=UTF-8")])
