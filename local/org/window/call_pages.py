"""The latest calls, and one of them with what was sent and answered."""

from collections.abc import Iterable

from local.org.exchanges import KEPT, Exchange, Message
from local.org.messages import Reply
from local.org.org import Org
from local.org.window.layout import facts, link, page, table
from local.org.window.markup import Child, Markup, element, joined
from local.org.window.masking import shown_body, shown_target
from local.org.window.values import count, instant

_FIRST_BAD_STATUS = 400


def calls_page(org: Org) -> Reply:
    """Return the page of all calls that are kept."""
    return page("Calls", calls_table(org, f"The latest {KEPT} calls, newest first", org.exchanges.latest()))


def calls_table(org: Org, caption: str, exchanges: Iterable[Exchange]) -> Markup:
    """Return calls, a row each."""
    headings = ("Call", "Method", "Path", "Status", "Rows", "Took", "At")
    return table(caption, headings, [_row(org, each) for each in exchanges], numbers=(0, 4, 5))


def _row(org: Org, exchange: Exchange) -> tuple[Child, ...]:
    call = exchange.call
    return (
        link(f"/_window/calls/{exchange.number}", exchange.number),
        call.method,
        shown_target(call.path, _secrets(org)),
        _status(call.status),
        count(call.rows),
        f"{call.duration_s * 1000:,.1f} ms",
        instant(call.at),
    )


def _status(status: int) -> Markup:
    return element("span", status, class_="bad" if status >= _FIRST_BAD_STATUS else "good")


def call_page(org: Org, exchange: Exchange) -> Reply:
    """Return the page of one call."""
    call, path = exchange.call, exchange.call.path.partition("?")[0]
    told = facts(
        [
            ("Request", f"{call.method} {shown_target(call.path, _secrets(org))}"),
            ("Status", _status(call.status)),
            ("Rows", count(call.rows)),
            ("Took", f"{call.duration_s * 1000:,.1f} ms"),
            ("At", [instant(call.at), ", by the org's clock"]),
        ]
    )
    halves = (("Request", exchange.request), ("Answer", exchange.reply))
    return page(f"Call {exchange.number}", told, [_half(org, path, name, half) for name, half in halves])


def _half(org: Org, path: str, name: str, message: Message) -> Markup:
    headers = [(each, element("code", value)) for each, value in message.headers]
    body = shown_body(path, message, _secrets(org))
    shown = element("pre", body, tabindex=0) if body else element("p", "No body.", class_="soft")
    heading = element("h2", f"{name}, {message.length:,} bytes")
    return joined([heading, facts(headers) if headers else None, shown])


def _secrets(org: Org) -> tuple[str, ...]:
    credentials = org.settings.credentials
    return tuple(each for each in (credentials.client_secret, credentials.refresh_token) if each)
