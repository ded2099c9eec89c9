"""jsforce as the npm registry has it: the programs of `jsforce/`, each in a process of its own."""

import pytest

from tests.conformance.jsforce_scripts import SCRIPTS

CAPABILITIES = {
    "authorization-code": "sign-in",
    "refresh": "refresh of an expired session",
    "crud": "create, read, update, delete",
    "upsert": "upsert by external ID",
    "collections": "Collections upsert",
    "query": "query, all pages",
    "describe": "describe",
    "limits": "limits",
    "bulk-insert": "Bulk 2.0 ingest: insert",
    "bulk-upsert": "Bulk 2.0 ingest: upsert",
    "bulk-update-delete": "Bulk 2.0 ingest: update, delete",
    "bulk-results": "Bulk 2.0 result files",
    "bulk-query": "Bulk 2.0 query",
    "composite": "raw request",
    "refusals": "refusals are the client's own errors",
}


@pytest.mark.parametrize(
    "script", [pytest.param(name, marks=pytest.mark.capability(row), id=name) for name, row in CAPABILITIES.items()]
)
def test_jsforce_script_ends_without_an_error(jsforce, script):
    jsforce.run(script)


def test_every_script_is_run():
    assert {path.stem for path in SCRIPTS.glob("*.mjs")} == {*CAPABILITIES, "org"}
