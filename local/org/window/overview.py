"""The first page: what the org is, holds and was asked, what goes wrong on purpose, and what is not enforced."""

from typing import Any

from local.org.bulk.control import bulk_state
from local.org.json_text import to_json
from local.org.messages import Reply
from local.org.org import Org
from local.org.window.call_pages import calls_table
from local.org.window.layout import facts, link, page, table
from local.org.window.markup import Child, Markup, element, joined
from local.org.window.values import count, instant, object_link

_LATEST_CALLS = 20


def overview(org: Org, origin: str) -> Reply:
    """Return the page."""
    parts = (
        _org_facts(org, origin),
        _objects(org),
        _limits(org),
        _faults(org),
        _maintenance(org),
        _jobs(org),
        _calls(org),
    )
    return page("Local org", *parts, _not_enforced(org))


def _org_facts(org: Org, origin: str) -> Markup:
    return facts(
        [
            ("Address", origin),
            ("Organization", org.settings.organization_id),
            ("User", f"{org.settings.credentials.username}, {org.gate.user_state}"),
            ("The org's time", instant(org.clock.now_s())),
            ("History", "kept" if org.settings.keeps_history else "not kept"),
        ]
    )


def _objects(org: Org) -> Markup:
    tables = sorted(org.store.tables(), key=lambda each: each.schema.name)
    used, unused = [each for each in tables if each.live], [each for each in tables if not each.live]
    rows = [(object_link(each.schema.name), each.schema.label, count(each.live)) for each in used]
    listed = [[object_link(each.schema.name), " "] for each in unused]
    more = element("details", element("summary", f"{len(unused)} objects without records"), element("p", listed))
    shown = table("Objects with records", ("Object", "Label", "Records"), rows, numbers=(2,))
    return joined([element("h2", "Objects"), shown, more])


def _limits(org: Org) -> Markup:
    state = org.set_limits()
    rows: list[tuple[Child, ...]] = [
        ("API requests in 24 hours", count(state["used"]), count(state["daily_api_requests_max"])),
        ("Long calls at once", count(state["long_calls_running"]), count(state["concurrent_max"])),
    ]
    if state["app_max"] is not None:
        rows.append((f"Requests of {state['app_name']}", count(state["used_by_app"]), count(state["app_max"])))
    return joined([element("h2", "Limits"), table("Used", ("Limit", "Used", "Of"), rows, numbers=(1, 2))])


def _faults(org: Org) -> Markup:
    headings = ("Strikes", "With", "Left", "Met", "Struck")
    rows = [_fault_row(each) for each in org.faults.state()]
    return joined([element("h2", "Faults in force"), table("Planned faults", headings, rows, numbers=(2, 3, 4))])


def _fault_row(state: dict[str, Any]) -> tuple[Child, ...]:
    plan = dict(state)
    match, seen, fired = plan.pop("match"), plan.pop("seen"), plan.pop("fired")
    times = plan.pop("times")
    left = "always" if times is None else count(times - fired)
    return (_told(match, nth=1) or "every call", _told(plan, when="before"), left, count(seen), count(fired))


def _told(settings: dict[str, Any], **usual: Any) -> str:
    """Return what is set, as JSON without its outer braces."""
    unset: tuple[Any, ...] = (None, False, 0, [], ())
    given = {name: value for name, value in settings.items() if value not in unset and value != usual.get(name)}
    return ", ".join(f"{name} {to_json(value, pretty=False).decode()}" for name, value in given.items())


def _maintenance(org: Org) -> Markup | None:
    rows = [(number, _told(each)) for number, each in enumerate(org.maintenance.state(), 1)]
    if not rows:
        return None
    return joined([element("h2", "Maintenance"), table("Planned windows", ("Window", "What"), rows)])


def _jobs(org: Org) -> Markup:
    headings = ("Job", "Object", "Operation", "State", "Processed", "Failed", "Why it failed")
    rows = [_job_row(each) for each in reversed(bulk_state(org)["jobs"])]
    return joined([element("h2", "Bulk jobs"), table("Jobs, newest first", headings, rows, numbers=(4, 5))])


def _job_row(job: dict[str, Any]) -> tuple[Child, ...]:
    counts = (count(job["processed"]), count(job.get("failed", 0)))
    return (job["id"], job["object"], job["operation"], job["state"], *counts, job["error_message"] or "")


def _calls(org: Org) -> Markup:
    latest = org.exchanges.latest()
    shown = calls_table(org, f"The latest {_LATEST_CALLS} calls, newest first", latest[:_LATEST_CALLS])
    more = element("p", link("/_window/calls", f"All {len(latest)} calls that are kept"))
    return joined([element("h2", "Calls"), shown, more])


def _not_enforced(org: Org) -> Markup:
    pieces = (*org.schema.not_enforced, *org.schema.refused_rules)
    listed = element("ul", [element("li", each) for each in pieces])
    shown = listed if pieces else element("p", "Everything that was read is enforced.", class_="soft")
    return joined([element("h2", "Read but not enforced"), shown])
