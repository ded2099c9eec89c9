"""What all pages share: head, style, navigation, tables, and the headers they are sent with."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from local.org.messages import Reply
from local.org.window.markup import Child, Markup, element, joined

_STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --back: #ffffff;
  --band: #f6f8fa; --link: #0550ae; --good: #116329; --bad: #a40e26; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9da7b1; --line: #30363d; --back: #0d1117;
  --band: #161b22; --link: #79b8ff; --good: #7ee787; --bad: #ff9b9b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 80rem; padding: 0 1rem 3rem; color: var(--text); background: var(--back);
  font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
a:focus-visible, [tabindex]:focus-visible, summary:focus-visible { outline: 3px solid var(--link);
  outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: .75rem 0; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.5rem; margin: 1rem 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .5rem .75rem; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; }
thead th { background: var(--band); white-space: nowrap; }
tbody th { font-weight: 500; }
th a, .whole { white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { background: var(--band); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; margin: .5rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    "default-src 'none'",
    f"style-src 'sha256-{_STYLE_HASH}'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
)
_HEADERS = (
    ("Content-Type", "text/html;charset=UTF-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "; ".join(_POLICY)),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)
_NAVIGATION = (("/", "Overview"), ("/_window/calls", "Calls"))


def page(title: str, *children: Child, status: int = HTTPStatus.OK) -> Reply:
    """Return a page as it is sent."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("link", rel="icon", href="data:,"),
        element("title", f"{title} - local org"),
        element("style", Markup(_STYLE)),
    )
    links = [link(path, name) for path, name in _NAVIGATION]
    body = element(
        "body",
        element("a", "To the content", href="#content", class_="skip"),
        element("nav", links, aria_label="Pages"),
        element("main", element("h1", title), children, id="content"),
    )
    html = f"<!doctype html>\n{element('html', head, body, lang='en')}\n"
    return Reply(status, html.encode(), _HEADERS)


def link(path: str, text: Child) -> Markup:
    """Return a link to a path of the window, percent-encoded where it must be."""
    return element("a", text, href=path)


def table(
    caption: str, headings: Sequence[str], rows: Iterable[Sequence[Child]], *, numbers: Sequence[int] = ()
) -> Markup:
    """Return a table whose first cells head their rows; `numbers` are the columns that stand on the right."""
    kind = dict.fromkeys(numbers, "number")
    head = [element("th", text, scope="col", class_=kind.get(place)) for place, text in enumerate(headings)]
    body = [element("tr", _cells(row, kind)) for row in rows]
    filled = body or element("tr", element("td", "none", colspan=len(headings), class_="soft"))
    content = [element("caption", caption), element("thead", element("tr", head)), element("tbody", filled)]
    return element("div", element("table", content), class_="wide", role="region", aria_label=caption, tabindex=0)


def _cells(row: Sequence[Child], kind: dict[int, str]) -> Markup:
    first = element("th", row[0], scope="row", class_=kind.get(0))
    return joined([first, *(element("td", cell, class_=kind.get(place)) for place, cell in enumerate(row) if place)])


def facts(pairs: Iterable[tuple[str, Child]]) -> Markup:
    """Return names with their values."""
    return element("dl", [[element("dt", name), element("dd", value)] for name, value in pairs])
