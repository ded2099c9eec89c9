"""Which page answers which path of the window."""

from dataclasses import replace
from http import HTTPStatus

from local.org.messages import Reply, Request
from local.org.org import Org
from local.org.window.call_pages import call_page, calls_page
from local.org.window.layout import page
from local.org.window.markup import element
from local.org.window.overview import overview
from local.org.window.record_pages import object_page, record_page

_MOST_DIGITS = 9


def answer_window(org: Org, request: Request) -> Reply:
    """Answer a request for a page; it changes nothing and is no call of the org's."""
    if request.method not in ("GET", "HEAD"):
        told = element("p", "The window is for looking only; /_org changes things.")
        refused = page("Not allowed", told, status=HTTPStatus.METHOD_NOT_ALLOWED)
        return replace(refused, headers=[*refused.headers, ("Allow", "GET, HEAD")])
    with org.lock:
        return _find(org, request) or page("Not found", status=HTTPStatus.NOT_FOUND)


def _find(org: Org, request: Request) -> Reply | None:
    match request.segments[1:]:
        case ():
            return overview(org, request.origin) if request.path == "/" else None
        case ("calls",):
            return calls_page(org)
        case ("calls", number):
            exchange = org.exchanges.find(_number(number))
            return None if exchange is None else call_page(org, exchange)
        case ("objects", name):
            table = org.store.table(name)
            return None if table is None else object_page(org, table, _number(request.query.get("page", "1")))
        case ("records", record_id):
            return _record(org, record_id)
        case _:
            return None


def _record(org: Org, record_id: str) -> Reply | None:
    located = org.store.locate(record_id)
    return None if located is None else record_page(org, *located)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
