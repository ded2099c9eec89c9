"""Bodies that a client's authors kept by hand: ours have the same keys and types."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from local.org.api import handle
from local.org.messages import Request
from local.org.org import Org
from local.org.schema_loader import load_schema
from tests.recordings.shapes import differences

V = "/services/data/v62.0"


@pytest.fixture(scope="module")
def ask():
    """Ask an org in which one contact was deleted and one was not, two minutes ago."""
    org = Org(load_schema([]))
    headers = {"authorization": f"Bearer {org.open_session()}", "content-type": "application/json"}

    def ask(method, path, body=None):
        content = b"" if body is None else json.dumps(body).encode()
        return json.loads(handle(org, Request(method, f"{V}/{path}", headers, content)).body or b"null")

    ids = [ask("POST", "sobjects/Contact", {"LastName": name})["id"] for name in "ab"]
    ask("DELETE", f"sobjects/Contact/{ids[0]}")
    org.advance_clock(120)
    return ask


def window():
    now = datetime.now(UTC)
    return urlencode({"start": (now - timedelta(hours=1)).isoformat(), "end": (now + timedelta(hours=1)).isoformat()})


KEPT = {
    "get_deleted_success_response": f"sobjects/Contact/deleted?{window()}",
    "get_updated_success_response": f"sobjects/Contact/updated?{window()}",
    "query_empty_response": "query?q=SELECT+Id+FROM+Account",
    "sobject_find_error_response": "sobjects/Contact/23foo",
}


@pytest.mark.parametrize(("name", "path"), KEPT.items(), ids=KEPT)
def test_a_kept_body_and_ours_have_the_same_shape(recordings, ask, name, path):
    kept = json.loads((recordings / "restforce" / "sobject" / f"{name}.json").read_text(encoding="utf-8"))

    assert differences(kept, ask("GET", path)) == []
