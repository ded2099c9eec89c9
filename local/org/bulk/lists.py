"""Lists of jobs, a thousand to a page."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.org.bulk.words import JOBS_PER_PAGE
from local.org.messages import Answer
from local.org.routing import Context


def listed(context: Context, bodies: Sequence[Mapping[str, Any]]) -> Answer:
    """Return a page of the jobs' bodies; `queryLocator` asks for a later one of the list as it was."""
    query, cursors = context.request.query, context.org.cursors
    if locator := query.get("queryLocator", ""):
        page = cursors.next_page(locator, JOBS_PER_PAGE)
    else:
        wanted = query.get("jobType", "")
        chosen = [body for body in bodies if wanted in {"", body["jobType"], "All"}]
        page = cursors.first_page(chosen, len(chosen), JOBS_PER_PAGE)
    path = context.request.path.rstrip("/")
    next_url = page.next_locator and f"{path}?queryLocator={page.next_locator}"
    return Answer(value={"done": next_url is None, "records": page.records, "nextRecordsUrl": next_url})
