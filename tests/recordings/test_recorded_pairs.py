"""Each recorded exchange asked again: the same status, keys and types, but for a list that is held exact."""

import json
from collections.abc import Iterator

import pytest

from local.org.api import handle
from local.org.messages import Request
from local.org.org import Org
from local.org.schema_loader import load_schema
from tests.recordings.known import LEFT_OUT, PAIR_DIFFERENCES
from tests.recordings.pairs import Pair, read_pairs
from tests.recordings.seeds import Seeder
from tests.recordings.shapes import differences

RECORD_TYPE = """<?xml version="1.0" encoding="UTF-8"?>
<RecordType xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Recorded</fullName>
    <active>true</active>
    <label>Recorded</label>
</RecordType>
"""


@pytest.fixture(scope="module")
def pairs(recordings):
    return list(read_pairs(recordings))


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """The standard objects, with a record type of accounts as the recorded orgs had one."""
    folder = tmp_path_factory.mktemp("schema")
    record_types = folder / "objects" / "Account" / "recordTypes"
    record_types.mkdir(parents=True)
    (record_types / "Recorded.recordType-meta.xml").write_text(RECORD_TYPE, encoding="utf-8")
    return load_schema([folder])


def test_the_recorded_exchanges_are_answered_alike_but_for_the_known_differences(pairs, schema):
    asked = [pair for pair in pairs if reason_to_leave_out(pair) is None]

    found = {f"{pair.name} {difference}" for pair in asked for difference in answered_otherwise(pair, schema)}

    assert len(asked) >= 100
    assert sorted(found - set(PAIR_DIFFERENCES)) == [], "new differences"
    assert sorted(set(PAIR_DIFFERENCES) - found) == [], "differences that are gone"


def test_what_is_left_out_is_in_the_recording(pairs):
    used = {reason_to_leave_out(pair) for pair in pairs} - {None}

    assert used == set(LEFT_OUT.values())


def reason_to_leave_out(pair: Pair) -> str | None:
    if pair.answer is None:
        return LEFT_OUT["no JSON"]
    return next((reason for words, reason in LEFT_OUT.items() if words in f"{pair.name} {pair.path}"), None)


def answered_otherwise(pair: Pair, schema) -> Iterator[str]:
    org = Org(schema)
    seeder = Seeder(org)
    seeder.seed(pair)
    headers = {"authorization": f"Bearer {org.open_session()}", "content-type": "application/json"}
    body = b"" if pair.body is None else seeder.translate(json.dumps(pair.body)).encode()
    reply = handle(org, Request(pair.method, seeder.translate(pair.target), headers, body))
    if reply.status != pair.status:
        yield f"status {pair.status}, ours {reply.status} {reply.body[:300].decode()}"
        return
    yield from differences(pair.answer, json.loads(reply.body))
