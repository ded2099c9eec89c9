"""Values as the window writes them."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from local.org import ids
from local.org.json_text import to_json
from local.org.org import Org
from local.org.window.layout import link
from local.org.window.markup import Child, Markup, element


def shown(org: Org, value: Any) -> Child:
    """Return a field's value; the id of a record that the org holds leads to it."""
    if value is None:
        return element("span", "null", class_="soft")
    if isinstance(value, str):
        return record_link(value) if ids.shorten(value) and org.store.locate(value) else value
    return to_json(value, pretty=False).decode()


def record_link(record_id: str) -> Child:
    """Return a link to a record's page."""
    return link(f"/_window/records/{quote(record_id, safe='')}", record_id)


def object_link(name: str) -> Child:
    """Return a link to the page of an object's records."""
    return link(f"/_window/objects/{quote(name, safe='')}", name)


def instant(seconds: float) -> Markup:
    """Return an instant of the org's clock."""
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
    return element("time", f"{moment:%Y-%m-%d %H:%M:%S} UTC", datetime=moment.isoformat(), class_="whole")


def count(number: int) -> str:
    """Return a number that people can read."""
    return f"{number:,}"
