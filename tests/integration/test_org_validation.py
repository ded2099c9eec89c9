"""Validation rules through the local org's API: when they run, on what, and how a refusal is answered."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.org.__main__ import app
from local.org.org import Org, OrgSettings
from local.org.schema import SchemaError
from local.org.schema_loader import load_schema
from tests.integration.org_doors import Api, in_process_door

KEY = "Key__c"
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
NEVER_LESS = "AND(NOT(ISNEW()), Level__c &lt; PRIORVALUE(Level__c), NOT($Permission.Lower_Levels))"


def write(folder: Path, path: str, root: str, body: str) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"<{root} {NAMESPACE}>{body}</{root}>", encoding="utf-8")


def write_rule(folder: Path, name: str, formula: str, *, field: str = "", active: str = "true") -> None:
    display = f"<errorDisplayField>{field}</errorDisplayField>" if field else ""
    body = (
        f"<fullName>{name}</fullName><active>{active}</active><errorConditionFormula>{formula}</errorConditionFormula>"
        f"{display}<errorMessage>{name} says no</errorMessage>"
    )
    write(folder, f"objects/Account/validationRules/{name}.validationRule-meta.xml", "ValidationRule", body)


def write_field(folder: Path, name: str, body: str) -> None:
    body = f"<fullName>{name}</fullName><label>{name}</label>{body}"
    write(folder, f"objects/Account/fields/{name}.field-meta.xml", "CustomField", body)


@pytest.fixture
def folder(tmp_path):
    number = "<type>Number</type><precision>18</precision><scale>0</scale>"
    write_field(tmp_path, "Level__c", number)
    key = "<type>Text</type><length>40</length><externalId>true</externalId><unique>true</unique>"
    write_field(tmp_path, KEY, key)
    write(tmp_path, "customPermissions/Lower_Levels.customPermission-meta.xml", "CustomPermission", "<label>L</label>")
    given = "<customPermissions><enabled>true</enabled><name>Lower_Levels</name></customPermissions><label>F</label>"
    write(tmp_path, "permissionsets/Free.permissionset-meta.xml", "PermissionSet", given)
    write_rule(tmp_path, "Never_Less", NEVER_LESS, field="level__c")
    return tmp_path


@pytest.fixture
def make_api(folder):
    def make(*permission_sets):
        org = Org(load_schema([folder]), OrgSettings(permission_sets=permission_sets, keeps_history=True))
        with in_process_door(org) as door:
            return org, Api(door, org.open_session())

    return make


def row(key, level, **more):
    return {KEY: key, "Name": "n", "Level__c": level, **more}


def test_a_single_record_is_refused_with_400_and_keeps_its_values(make_api):
    org, api = make_api()
    api.upsert(f"Account/{KEY}", row("1", 5))

    answer = api.call("PATCH", f"sobjects/Account/{KEY}/1", {"Level__c": 4, "Name": "changed"})

    assert answer.status_code == 400
    message = "Never_Less says no"
    assert answer.json() == [
        {"message": message, "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Level__c"]}
    ]
    (kept,) = org.records("Account")
    assert (kept["Level__c"], kept["Name"]) == (5.0, "n")
    assert len(org.history_of(kept["Id"])) == 1


def test_a_row_is_refused_and_its_neighbours_go_on(make_api):
    org, api = make_api()
    api.upsert(f"Account/{KEY}", row("1", 5), row("2", 5))

    refused, written = api.upsert(f"Account/{KEY}", row("1", 4), row("2", 6))

    error = {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Never_Less says no", "fields": ["Level__c"]}
    assert refused == {"success": False, "errors": [error], "created": False}
    assert written["success"]
    assert {each[KEY]: each["Level__c"] for each in org.records("Account")} == {"1": 5.0, "2": 6.0}


def test_a_row_sees_what_an_earlier_row_of_its_call_has_written(make_api):
    _, api = make_api()
    (created,) = api.upsert(f"Account/{KEY}", row("1", 5))
    rows = [{"attributes": {"type": "Account"}, "id": created["id"], "Level__c": level} for level in (7, 6, 7)]

    answer = api.call("PATCH", "composite/sobjects", {"records": rows}).json()

    assert [each["success"] for each in answer] == [True, False, True]


def test_a_refused_row_takes_an_all_or_none_call_back(make_api):
    org, api = make_api()
    api.upsert(f"Account/{KEY}", row("1", 5))

    api.upsert(f"Account/{KEY}", row("2", 1), row("1", 4), allOrNone=True)

    assert [each[KEY] for each in org.records("Account")] == ["1"]


def test_every_rule_that_fires_is_reported(make_api, folder):
    write_rule(folder, "Also", "Level__c = 4")
    write_rule(folder, "Asleep", "TRUE", active="false")
    _, api = make_api()
    api.upsert(f"Account/{KEY}", row("1", 5))

    (refused,) = api.upsert(f"Account/{KEY}", row("1", 4))
    answer = api.call("PATCH", f"sobjects/Account/{KEY}/1", {"Level__c": 4})

    assert [(each["message"], each["fields"]) for each in refused["errors"]] == [
        ("Also says no", []),
        ("Never_Less says no", ["Level__c"]),
    ]
    assert [each["message"] for each in answer.json()] == ["Also says no", "Never_Less says no"]


def test_rules_run_after_the_required_fields_and_before_the_unique_ones(make_api, folder):
    write_rule(folder, "Never", "ISNEW() &amp;&amp; Level__c = 9")
    _, api = make_api()
    api.upsert(f"Account/{KEY}", row("1", 5))

    without_name = api.call("POST", "sobjects/Account", {"Level__c": 9})
    twice = api.call("POST", "sobjects/Account", row("1", 9))

    assert without_name.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert twice.json()[0]["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_a_save_without_the_field_leaves_it_as_it_was(make_api):
    _, api = make_api()
    api.upsert(f"Account/{KEY}", row("1", 5))

    assert api.call("PATCH", f"sobjects/Account/{KEY}/1", {"Name": "other"}).status_code == 200


def test_a_delete_is_not_validated(make_api, folder):
    write_rule(folder, "Stuck", "NOT(ISNEW())")
    _, api = make_api()
    (created,) = api.upsert(f"Account/{KEY}", row("1", 5))

    assert api.call("DELETE", f"sobjects/Account/{created['id']}").status_code == 204


def test_a_custom_permission_comes_with_a_permission_set(make_api):
    _, api = make_api("Free")
    api.upsert(f"Account/{KEY}", row("1", 5))

    assert api.upsert(f"Account/{KEY}", row("1", 4))[0]["success"]


def test_values_that_allow_no_answer_refuse_the_row_and_name_the_rule(make_api, folder):
    write_rule(folder, "Shares", "1 / Level__c = 1")
    _, api = make_api()

    (refused,) = api.upsert(f"Account/{KEY}", row("1", 0))

    assert 'Validation Formula "Shares" Invalid' in refused["errors"][0]["message"]


def test_a_rule_that_cannot_be_enforced_is_listed_with_file_and_reason(folder):
    write_rule(folder, "Far", "DISTANCE(1, 2) &gt; 3")

    schema = load_schema([folder])

    (line,) = schema.refused_rules
    assert "Far.validationRule-meta.xml" in line
    assert "does not know the function DISTANCE" in line
    assert [rule.name for rule in schema.validation_rules["Account"]] == ["Never_Less"]


def test_a_strict_org_does_not_start_with_a_rule_that_it_cannot_enforce(folder, tmp_path):
    write_rule(folder, "Far", "DISTANCE(1, 2) &gt; 3")

    run = CliRunner().invoke(app, ["serve", "--schema", str(folder), "--strict", "--state-folder", str(tmp_path)])

    assert run.exit_code == 2
    assert "DISTANCE" in run.output


def test_an_unknown_permission_set_ends_the_start(folder, tmp_path):
    options = ["--permission-set", "Nobody", "--state-folder", str(tmp_path)]

    run = CliRunner().invoke(app, ["serve", "--schema", str(folder), *options])

    assert run.exit_code == 2
    assert "Nobody" in run.output


@pytest.mark.parametrize(
    ("rule", "reason"), [({"field": "Gone__c"}, "Gone__c"), ({"formula": ""}, "errorConditionFormula")]
)
def test_a_rule_that_is_no_metadata_is_refused(folder, rule, reason):
    write_rule(folder, "Odd", rule.get("formula", "TRUE"), field=rule.get("field", ""))

    with pytest.raises(SchemaError, match=reason):
        load_schema([folder])


def test_a_rule_knows_the_record_type(make_api, folder):
    for name in ("Retail", "Wholesale"):
        body = f"<fullName>{name}</fullName><active>true</active><label>{name}</label>"
        write(folder, f"objects/Account/recordTypes/{name}.recordType-meta.xml", "RecordType", body)
    write_rule(folder, "Big_Only", "$RecordType.DeveloperName = 'Wholesale' &amp;&amp; Level__c &lt; 10")
    org, api = make_api()
    type_ids = {each["DeveloperName"]: each["Id"] for each in org.records("RecordType")}

    results = api.upsert(
        f"Account/{KEY}",
        row("1", 5, RecordTypeId=type_ids["Wholesale"]),
        row("2", 5, RecordTypeId=type_ids["Retail"]),
        row("3", 5),
    )

    assert [each["success"] for each in results] == [False, True, True]
