"""Simulated triggers of the local org: what they cost and change, how they fail, and in which order a save runs."""

import json

import pytest

from local.org.automation.plans import TriggerPlan
from local.org.org import Org, OrgSettings
from local.org.schema_loader import load_schema
from tests.fakes.sfdx import TEXT_KEY, Project
from tests.integration.org_doors import REPOSITORY, Api, in_process_door

CODE = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
LIMIT = "ContactTrigger: System.LimitException: {}"
NAMES_ACCOUNT = {"through": "AccountId", "field": "Description", "copy_of": "LastName"}


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("automation"))
    project.fields("Contact", Key__c=TEXT_KEY)
    project.fields("Account", Key__c=TEXT_KEY)
    project.rule("Account", "No_Forbidden", "Description = &quot;forbidden&quot;")
    project.rule("Contact", "Title_Is_Set", "ISBLANK(Title)")
    return load_schema([project.folder])


@pytest.fixture
def org(schema):
    return Org(schema, OrgSettings(keeps_history=True))


@pytest.fixture
def api(org):
    with in_process_door(org) as door:
        yield Api(door, org.open_session())


@pytest.fixture
def account_id(api):
    return api.call("POST", "sobjects/Account", {"Name": "a", "Key__c": "a"}).json()["id"]


def trigger(org, **plan):
    org.automation.plan([TriggerPlan.model_validate({"object": "Contact", **plan})])


def contacts(count, **more):
    return [{"Key__c": f"c{n}", "LastName": f"n{n}", "Title": "t", **more} for n in range(count)]


def upsert(api, *rows, **options):
    return api.upsert("Contact/Key__c", *rows, **options)


def errors(results):
    return [[(each["statusCode"], each["message"]) for each in result["errors"]] for result in results]


OVER = {
    "queries of a chunk": ({"costs": {"queries": 101}}, "Too many SOQL queries: 101"),
    "a query for each row": ({"costs_per_row": {"queries": 40}}, "Too many SOQL queries: 101"),
    "rows read": ({"costs_per_row": {"query_rows": 20_000}}, "Too many query rows: 50001"),
    "writes": ({"costs_per_row": {"dml_statements": 60}}, "Too many DML statements: 151"),
    "rows written": ({"costs": {"dml_rows": 10_001}}, "Too many DML rows: 10001"),
    "CPU": ({"costs": {"cpu_ms": 9_000}, "costs_per_row": {"cpu_ms": 400}}, "Apex CPU time limit exceeded"),
}


@pytest.mark.parametrize(("costs", "message"), OVER.values(), ids=OVER)
def test_a_chunk_over_a_limit_is_refused_whole_and_leaves_nothing(org, api, costs, message):
    trigger(org, **costs)

    results = upsert(api, *contacts(3))

    assert errors(results) == [[(CODE, LIMIT.format(message))]] * 3
    assert (org.records("Contact"), org.store.history.of("003")) == ([], [])


def test_a_smaller_chunk_passes(org, api):
    trigger(org, costs_per_row={"queries": 40})

    assert all(each["success"] for each in upsert(api, *contacts(2)))
    assert org.automation.runs == {"ContactTrigger": 2}


def test_each_call_has_limits_of_its_own(org, api):
    trigger(org, costs={"queries": 60})

    assert [upsert(api, row)[0]["success"] for row in contacts(3)] == [True] * 3


def test_triggers_of_one_save_share_its_limits(org, api):
    trigger(org, timing="before", costs={"queries": 60})
    trigger(org, name="Second", costs={"queries": 60})

    answer = api.call("POST", "sobjects/Contact", contacts(1)[0])

    assert answer.json()[0]["message"] == "Second: System.LimitException: Too many SOQL queries: 101"
    assert org.records("Contact") == []


def test_chunks_of_other_objects_in_the_call_stand(org, api):
    trigger(org, costs={"queries": 101})
    records = [
        {"attributes": {"type": "Account"}, "Name": "kept"},
        {"attributes": {"type": "Contact"}, "LastName": "refused", "Title": "t"},
    ]

    results = api.call("POST", "composite/sobjects", {"records": records}).json()

    assert [each["success"] for each in results] == [True, False]
    assert [each["Name"] for each in org.records("Account")] == ["kept"]


def test_a_bulk_job_meets_the_limits_chunk_by_chunk(org, api):
    trigger(org, on=["insert"], costs_per_row={"cpu_ms": 60})
    lines = [f"c{n},n{n},t" for n in range(210)]
    job = {"object": "Contact", "operation": "insert"}
    job_id = api.call("POST", "jobs/ingest", job).json()["id"]
    body = "\n".join(["Key__c,LastName,Title", *lines, ""]).encode()
    api.call("PUT", f"jobs/ingest/{job_id}/batches", body, headers={"Content-Type": "text/csv"})
    api.call("PATCH", f"jobs/ingest/{job_id}", {"state": "UploadComplete"})
    while (state := api.call("GET", f"jobs/ingest/{job_id}").json())["state"] != "JobComplete":
        pass

    assert (state["numberRecordsProcessed"], state["numberRecordsFailed"]) == (210, 200)
    failed = api.call("GET", f"jobs/ingest/{job_id}/failedResults").text
    assert f'"{CODE}:{LIMIT.format("Apex CPU time limit exceeded")}:--"' in failed


def test_a_trigger_changes_the_parent_and_moves_its_modstamp_alone(org, api, account_id):
    trigger(org, sets=[NAMES_ACCOUNT])
    (before,) = org.records("Account")
    org.advance_clock(60)

    upsert(api, *contacts(2, AccountId=account_id))

    (after,) = org.records("Account")
    assert after["Description"] == "n1"
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["LastModifiedDate"] == before["LastModifiedDate"]


def test_a_trigger_before_the_save_sets_its_own_record_for_the_validation_rules(org, api):
    trigger(org, timing="before", sets=[{"field": "Title", "value": "by trigger"}])

    created, updated = (upsert(api, {"Key__c": "c", "LastName": "x", "Title": None})[0] for _ in range(2))

    assert (created["success"], updated["success"]) == (True, True)
    assert org.records("Contact")[0]["Title"] == "by trigger"


def test_a_trigger_before_the_save_can_fill_a_required_field_and_not_empty_it(org, api):
    trigger(org, timing="before", sets=[{"field": "LastName", "copy_of": "FirstName"}])

    filled = upsert(api, {"Key__c": "c", "FirstName": "f", "Title": "t"})
    kept = upsert(api, {"Key__c": "c", "LastName": None})
    emptied = upsert(api, {"Key__c": "c", "FirstName": None})

    assert (errors(filled), errors(kept)) == ([[]], [[]])
    assert errors(emptied) == [[("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]")]]
    assert org.records("Contact")[0]["LastName"] == "f"


def test_a_value_that_the_field_does_not_take_fails_the_chunk(org, api):
    trigger(org, timing="before", sets=[{"field": "AssistantName", "copy_of": "Description"}])

    results = upsert(api, {**contacts(1)[0], "Description": "x" * 41}, contacts(2)[1])

    assert [each["success"] for each in results] == [False, False]
    assert errors(results)[0][0][0] == CODE
    assert "STRING_TOO_LONG" in errors(results)[0][0][1]


def test_validation_rules_run_before_triggers_that_follow_the_save(org, api):
    trigger(org, costs={"queries": 101})

    (result,) = upsert(api, {"Key__c": "c", "LastName": "x"})

    assert errors([result]) == [[("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Title_Is_Set")]]
    assert org.automation.runs == {}


def test_a_refused_change_of_the_parent_fails_the_chunk_as_apex_tells_it(org, api, account_id):
    trigger(org, sets=[NAMES_ACCOUNT])

    results = upsert(api, *contacts(1), {**contacts(2)[1], "LastName": "forbidden", "AccountId": account_id})

    cause = (
        f"System.DmlException: Update failed. First exception on row 0 with id {account_id}; first error: "
        "FIELD_CUSTOM_VALIDATION_EXCEPTION, No_Forbidden: []"
    )
    told = f"ContactTrigger: execution of AfterInsert\n\ncaused by: {cause}\n\nTrigger.ContactTrigger: line 1, column 1"
    assert errors(results) == [[(CODE, told)]] * 2
    assert org.records("Contact") == []


def test_an_exception_fails_the_chunk_and_an_added_error_its_row(org, api):
    trigger(org, on=["update"], fails={"field": "LastName", "value": "bad"})
    trigger(org, name="Checks", on=["insert"], fails={"field": "LastName", "value": "odd", "add_error": "too odd"})
    upsert(api, *contacts(1))

    added = upsert(api, {**contacts(2)[1], "LastName": "odd"}, *contacts(1))
    thrown = upsert(api, {**contacts(1)[0], "LastName": "bad"}, {"Key__c": "new", "LastName": "n", "Title": "t"})

    assert errors(added) == [[("FIELD_CUSTOM_VALIDATION_EXCEPTION", "too odd")], []]
    null = "System.NullPointerException: Attempt to de-reference a null object"
    told = f"ContactTrigger: execution of AfterUpdate\n\ncaused by: {null}\n\nTrigger.ContactTrigger: line 1, column 1"
    assert errors(thrown) == [[(CODE, told)]] * 2
    assert [each["LastName"] for each in org.records("Contact")] == ["n0"]


def test_triggers_that_call_each_other_for_ever_are_stopped(org, api, account_id):
    other = api.call("POST", "sobjects/Account", {"Name": "b", "ParentId": account_id}).json()["id"]
    api.call("PATCH", f"sobjects/Account/{account_id}", {"ParentId": other})
    trigger(org, object="Account", on=["update"], sets=[{"through": "ParentId", "field": "Fax", "value": "1"}])

    answer = api.call("PATCH", f"sobjects/Account/{other}", {"Phone": "3"})

    assert "Maximum trigger depth exceeded" in answer.json()[0]["message"]
    assert [(each["Phone"], each["Fax"]) for each in org.records("Account")] == [(None, None)] * 2


def test_a_delete_runs_its_triggers_and_is_taken_back_where_one_fails(org, api, account_id):
    upsert(api, *contacts(2, AccountId=account_id))
    trigger(org, on=["delete"], fails={"field": "LastName", "value": "n1"}, sets=[NAMES_ACCOUNT])

    kept = api.call("DELETE", "sobjects/Contact/Key__c/c1")
    gone = api.call("DELETE", "sobjects/Contact/Key__c/c0")

    assert (kept.json()[0]["errorCode"], gone.status_code) == (CODE, 204)
    assert [each["LastName"] for each in org.records("Contact")] == ["n1"]
    assert org.records("Account")[0]["Description"] == "n0"


def test_the_parent_that_a_trigger_changes_is_locked(org, api, account_id):
    trigger(org, sets=[{**NAMES_ACCOUNT, "through": "ReportsToId", "field": "Department"}])
    chief = api.call("POST", "sobjects/Contact", {"LastName": "chief", "Title": "t"}).json()["id"]
    org.row_locks.change(wait_s=0)
    org.row_locks.hold([chief], 60)

    (result,) = upsert(api, {**contacts(1)[0], "ReportsToId": chief})

    assert "UNABLE_TO_LOCK_ROW" in errors([result])[0][0][0] + errors([result])[0][0][1]


def test_triggers_are_planned_shown_and_cleared_through_the_control_prefix(org, api):
    plan = {"object": "Contact", "costs": {"queries": 101}}
    shown = api.call("POST", "/_org/automation", [plan]).json()
    assert [(each["object"], each["timing"]) for each in shown["triggers"]] == [("Contact", "after")]
    assert not upsert(api, *contacts(1))[0]["success"]

    api.call("POST", "/_org/automation/limits", {"queries": 200})
    assert upsert(api, *contacts(1))[0]["success"]
    assert api.call("GET", "/_org/automation").json()["runs"] == {"ContactTrigger": 2}

    cleared = api.call("DELETE", "/_org/automation").json()
    assert (cleared["triggers"], cleared["runs"]) == ([], {})
    api.call("POST", "/_org/automation", [plan])
    assert len(api.call("GET", "/_org/automation").json()["triggers"]) == 1


def test_the_trigger_of_the_readme_can_be_planned_and_names_every_default():
    readme = (REPOSITORY / "local/org/README.md").read_text(encoding="utf-8")
    start = readme.index('{"object": "Contact", "name"')
    written = json.loads(readme[start : readme.index("\n\n", start)])

    plan = TriggerPlan.model_validate(written)

    assert set(written) == set(TriggerPlan.model_fields)
    assert set(written["sets"][0]) == set(type(plan.sets[0]).model_fields)
    others = {name: value for name, value in written.items() if name not in {"object", "sets"}}
    assert TriggerPlan.model_validate({"object": "Contact", **others}) == TriggerPlan(object="Contact")


@pytest.mark.parametrize(
    "plan",
    [
        {"object": "Ghost__c"},
        {"object": "Contact", "fails": {"field": "Ghost__c", "value": 1}},
        {"object": "Contact", "sets": [{"through": "LastName", "field": "Name"}]},
        {"object": "Contact", "sets": [{"through": "AccountId", "field": "Ghost__c"}]},
        {"object": "Contact", "sets": [{"field": "LastName", "value": "x"}]},
        {"object": "Contact", "costs": {"hope": 1}},
        {"object": "Contact", "timing": "before", "sets": [{"field": "Id", "value": "003"}]},
        {"object": "Contact", "timing": "before", "sets": [{"field": "AccountId", "value": None}]},
        {"object": "Contact", "timing": "before", "sets": [{"field": "Title", "value": 7}]},
    ],
    ids=[
        *("object", "field of failure", "lookup", "field of parent", "own record after the save", "cost"),
        *("read-only field", "own lookup", "value of another type"),
    ],
)
def test_a_trigger_that_cannot_be_is_refused_and_not_planned(org, api, plan):
    answer = api.call("POST", "/_org/automation", [{"object": "Account"}, plan])

    assert answer.status_code == 400
    assert org.automation.all() == []
