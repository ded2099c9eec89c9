"""From a request below `/services/data/vXX.0` to its view: for whole requests and for those within a composite one."""

import re
from collections.abc import Sequence

from local.org.errors import DeserializeError, not_found
from local.org.json_body import wrong_kind
from local.org.messages import Answer, Request
from local.org.org import Org
from local.org.refusals import REFUSALS, refused
from local.org.routing import Context, Route, find_route
from local.org.save_options import read_save_options
from local.org.schema_views import NEWEST_VERSION, OLDEST_VERSION

_VERSION = re.compile(r"v(\d{1,3})\.0", re.ASCII)


def version_of(segment: str) -> str:
    """Return the version that a path names, as in `66.0`.

    Raises:
        OrgError: 404 for a version that this org does not have.
    """
    match = _VERSION.fullmatch(segment)
    if match is None or not OLDEST_VERSION <= int(match[1]) <= NEWEST_VERSION:
        raise not_found()
    return f"{int(match[1])}.0"


def answer_resource(org: Org, request: Request, version: str, routes: Sequence[Route]) -> Answer:
    """Answer a request whose session is good.

    Raises:
        OrgError, RowError, SeveralRecordsError: The request is refused.
    """
    route, names = find_route(routes, request, _method(request), request.segments[3:])
    outer, org.save_options = org.save_options, read_save_options(request)
    try:
        return route.view(Context(org, request, version, names, routes))
    except DeserializeError as error:
        raise wrong_kind(error, request) from error
    finally:
        org.save_options = outer


def _method(request: Request) -> str:
    """A POST may stand for another method: not every client can send PATCH."""
    override = request.query.get("_HttpMethod", "") if request.method == "POST" else ""
    return override.upper() or request.method


def answer_part(context: Context, request: Request) -> Answer:
    """Answer a request within a composite one; a refusal is its answer."""
    segments = request.segments
    try:
        if segments[:2] != ("services", "data") or segments == ("services", "data"):
            raise not_found()
        return answer_resource(context.org, request, version_of(segments[2]), context.routes)
    except REFUSALS as refusal:
        return refused(refusal, "/".join(request.path.split("/")[:4]))
