"""Records that an org has from the start: trees and plans of `sf data`, read from a folder and written by the rules."""

import json

import pytest
from typer.testing import CliRunner

from local.org.__main__ import app
from local.org.org import Org, OrgSettings
from local.org.schema_loader import load_schema
from local.org.seed_files import SeedError, read_seeds


def record(object_name, reference, **values):
    return {"attributes": {"type": object_name, "referenceId": reference}, **values}


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.fixture
def put(folder):
    def put(name, content):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")

    return put


def org_of(folder):
    return Org(load_schema([]), OrgSettings(seeds=read_seeds(folder)))


def test_a_plan_loads_its_files_in_order_and_resolves_references(folder, put):
    put("a-contacts.json", {"records": [record("Contact", "c", LastName="Lovelace", AccountId="@a")]})
    put("z-accounts.json", {"records": [record("Account", "a", Name="Engines Ltd")]})
    plan = [
        {"sobject": "Account", "saveRefs": True, "files": ["z-accounts.json"]},
        {"sobject": "Contact", "resolveRefs": True, "files": ["a-contacts.json"]},
    ]
    put("data-plan.json", plan)

    org = org_of(folder)

    (account,), (contact,) = org.records("Account"), org.records("Contact")
    assert contact["AccountId"] == account["Id"]


def test_without_a_plan_every_file_is_read_and_records_wait_for_those_that_they_name(folder, put):
    put("1.json", {"records": [record("Contact", "c", LastName="Lovelace", AccountId="@a")]})
    put("2.json", {"records": [record("Account", "a", Name="Engines Ltd")]})

    org = org_of(folder)

    assert org.records("Contact")[0]["AccountId"] == org.records("Account")[0]["Id"]


def test_children_are_written_below_their_parent(folder, put):
    contacts = {"records": [record("Contact", "c1", LastName="Lovelace"), record("Contact", "c2", LastName="Babbage")]}
    put("tree.json", {"records": [record("Account", "a", Name="Engines Ltd", Contacts=contacts)]})

    org = org_of(folder)

    assert {each["AccountId"] for each in org.records("Contact")} == {org.records("Account")[0]["Id"]}


def test_a_text_that_begins_with_an_at_is_kept_where_the_plan_resolves_nothing(folder, put):
    put("a.json", {"records": [record("Account", "a", Name="@handle")]})
    put("plan.json", [{"sobject": "Account", "resolveRefs": False, "files": ["a.json"]}])

    assert org_of(folder).records("Account")[0]["Name"] == "@handle"


def test_a_reset_brings_the_seed_back(folder, put):
    put("a.json", {"records": [record("Account", "a", Name="Engines Ltd")]})
    org = org_of(folder)
    org.store.seed("Account", {"Name": "another"})

    org.reset()

    assert [each["Name"] for each in org.records("Account")] == ["Engines Ltd"]


REFUSED = {
    "no folder": (None, "no such folder"),
    "no records": ({"other.json": {}}, "holds no plan"),
    "no json": ({"a.json": "{"}, "a.json: not readable JSON"),
    "records of another kind": ({"a.json": {"records": "none"}}, "a.json"),
    "no type": ({"a.json": {"records": [{"Name": "x"}]}}, "no attributes with its type"),
    "unknown object": ({"a.json": {"records": [record("Ghost__c", "g")]}}, "does not hold Ghost__c"),
    "refused by the org": ({"a.json": {"records": [record("Account", "nameless")]}}, "nameless is refused: REQUIRED"),
    "wrong kind": ({"a.json": {"records": [record("Account", "a", Name=1)]}}, "the record a is refused"),
    "unknown reference": ({"a.json": {"records": [record("Contact", "c", AccountId="@gone")]}}, "refers to gone"),
    "circle": (
        {
            "a.json": {
                "records": [
                    record("Account", "a", Name="a", ParentId="@b"),
                    record("Account", "b", Name="b", ParentId="@a"),
                ]
            }
        },
        "which is nowhere",
    ),
    "missing file": ({"plan.json": [{"sobject": "Account", "files": ["gone.json"]}]}, "gone.json"),
    "unknown children": (
        {"a.json": {"records": [record("Account", "a", Name="a", Cats={"records": [record("Contact", "c")]})]}},
        "no children Cats",
    ),
}


@pytest.mark.parametrize(("files", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_seed_that_cannot_be_loaded_names_place_and_reason(tmp_path, files, reason):
    folder = tmp_path / "data"
    if files is not None:
        folder.mkdir()
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / name).write_text(text, encoding="utf-8")

    with pytest.raises(SeedError, match=reason):
        org_of(folder)


def test_serve_does_not_start_with_a_seed_that_is_refused(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"records": [record("Account", "nameless")]}), encoding="utf-8")

    result = CliRunner().invoke(app, ["serve", "--data", str(tmp_path), "--state-folder", str(tmp_path / "state")])

    assert result.exit_code == 2
    assert "nameless is refused" in result.output
