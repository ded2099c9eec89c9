"""Duplicate rules of a schema folder through the local org's API: what they forbid, what a header lets through."""

import pytest

from local.org.org import Org, OrgSettings
from local.org.schema_loader import load_schema
from tests.fakes.sfdx import TEXT_KEY, Project
from tests.integration.org_doors import Api, https_door, in_process_door

ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}
EMAIL = [("Email", "Exact", "NullNotAllowed")]
PERSON = [("LastName", "LastName", "NullNotAllowed"), ("Phone", "Phone", "NullNotAllowed")]


def matching(project, object_name, name, items, *, boolean="", status="Active"):
    listed = "".join(
        f"<matchingRuleItems><blankValueBehavior>{blank}</blankValueBehavior><fieldName>{field}</fieldName>"
        f"<matchingMethod>{method}</matchingMethod></matchingRuleItems>"
        for field, method, blank in items
    )
    body = (
        f"<matchingRules><fullName>{name}</fullName><booleanFilter>{boolean}</booleanFilter>{listed}"
        f"<ruleStatus>{status}</ruleStatus></matchingRules>"
    )
    project.write(f"matchingRules/{object_name}.matchingRule-meta.xml", "MatchingRules", body)


def duplicate(project, name, matching_rule, **facts):
    home, other = facts.get("home", "Contact"), facts.get("other", "Contact")
    alerts = "".join(f"<operationsOn{event}>Alert</operationsOn{event}>" for event in facts.get("alerts", ()))
    body = (
        f"<isActive>{facts.get('active', 'true')}</isActive><alertText>{name} says no</alertText>"
        f"<actionOnInsert>{facts.get('insert', 'Allow')}</actionOnInsert>"
        f"<actionOnUpdate>{facts.get('update', 'Allow')}</actionOnUpdate>{alerts}{facts.get('filter', '')}"
        f"<duplicateRuleMatchRules><matchRuleSObjectType>{other}</matchRuleSObjectType>"
        f"<matchingRule>{matching_rule}</matchingRule>{facts.get('mapping', '')}</duplicateRuleMatchRules>"
        "<sortOrder>1</sortOrder>"
    )
    project.write(f"duplicateRules/{home}.{name}.duplicateRule-meta.xml", "DuplicateRule", body)


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    project.fields("Contact", Key__c=TEXT_KEY)
    project.rule("Contact", "No_Nobody", "LastName = &quot;Nobody&quot;")
    return project


@pytest.fixture
def open_api(project):
    opened = []

    def open_api():
        org = Org(load_schema([project.folder]), OrgSettings(keeps_history=True))
        door = in_process_door(org)
        opened.append(door)
        return org, Api(door.__enter__(), org.open_session())

    yield open_api
    for door in opened:
        door.__exit__(None, None, None)


def create(api, headers=None, **values):
    return api.call("POST", "sobjects/Contact", {"LastName": "Lovelace", **values}, headers=headers or {})


def is_refused(response):
    return response.status_code == 400 and response.json()[0]["errorCode"] == "DUPLICATES_DETECTED"


def test_a_blocked_duplicate_names_the_record_that_it_matches(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Block_Email", "Same_Email", insert="Block", alerts=["Insert"])
    org, api = open_api()
    first = create(api, Email="ada@engines.example").json()["id"]

    answer = create(api, Email="ADA@engines.example")

    record = {"attributes": {"type": "Contact", "url": f"/services/data/v66.0/sobjects/Contact/{first}"}, "Id": first}
    match = {"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0, "record": record}
    matches = {
        "entityType": "Contact",
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": [match],
        "rule": "Same_Email",
        "size": 1,
        "success": True,
    }
    result = {
        "allowSave": False,
        "duplicateRule": "Block_Email",
        "duplicateRuleEntityType": "Contact",
        "errorMessage": "Block_Email says no",
        "matchResults": [matches],
    }
    message = "Block_Email says no"
    told = {"duplicateResult": result, "errorCode": "DUPLICATES_DETECTED", "message": message}
    assert (answer.status_code, answer.json()) == (400, [told])
    assert org.counts()["Contact"] == 1
    assert is_refused(create(api, headers=ALLOW, Email="ada@engines.example"))


def test_an_alert_is_passed_by_who_allows_the_save(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Warn", "Same_Email", alerts=["Insert"])
    org, api = open_api()
    create(api, Email="ada@engines.example")

    refused = create(api, Email="ada@engines.example", headers={"Sforce-Duplicate-Rule-Header": "allowSave=false"})
    allowed = create(api, Email="ada@engines.example", headers=ALLOW)

    assert is_refused(refused)
    assert refused.json()[0]["duplicateResult"]["allowSave"] is True
    assert allowed.status_code == 201
    assert org.counts()["Contact"] == 2


def test_old_versions_misspell_the_result_and_details_are_shown_on_demand(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Block", "Same_Email", insert="Block")
    _, api = open_api()
    create(api, Email="ada@engines.example", Title="Countess")
    body = {"LastName": "x", "Email": "ada@engines.example"}

    answer = api.call("POST", "/services/data/v54.0/sobjects/Contact", body, headers=ALLOW).json()

    (match,) = answer[0]["duplicateResut"]["matchResults"][0]["matchRecords"]
    assert match["record"]["Title"] == "Countess"


def test_the_header_is_read_over_https_too(project, org_certificate, socket_enabled):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Warn", "Same_Email", alerts=["Insert"])
    org = Org(load_schema([project.folder]))
    with https_door(org, org_certificate) as door:
        api = Api(door, org.open_session())
        create(api, Email="ada@engines.example")

        assert is_refused(create(api, Email="ada@engines.example"))
        assert create(api, Email="ada@engines.example", headers=ALLOW).status_code == 201


def test_a_rule_that_only_reports_lets_every_save_pass(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Report", "Same_Email")
    _, api = open_api()

    assert [create(api, Email="a@b.example").status_code for _ in range(2)] == [201, 201]


def test_collections_and_bulk_refuse_the_row_and_go_on(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Block", "Same_Email", insert="Block")
    org, api = open_api()
    create(api, Email="ada@engines.example")

    rows = [{"Key__c": "1", "LastName": "x", "Email": "ada@engines.example"}, {"Key__c": "2", "LastName": "y"}]
    refused, written = api.upsert("Contact/Key__c", *rows)
    assert refused["errors"] == [{"statusCode": "DUPLICATES_DETECTED", "message": "Block says no", "fields": []}]
    assert written["success"]

    job_id = api.call("POST", "jobs/ingest", {"object": "Contact", "operation": "insert"}).json()["id"]
    body = b"LastName,Email\nx,ada@engines.example\nz,new@engines.example\n"
    api.call("PUT", f"jobs/ingest/{job_id}/batches", body, headers={"Content-Type": "text/csv"})
    api.call("PATCH", f"jobs/ingest/{job_id}", {"state": "UploadComplete"})
    while api.call("GET", f"jobs/ingest/{job_id}").json()["state"] != "JobComplete":
        pass
    assert '"DUPLICATES_DETECTED:Block says no:--"' in api.call("GET", f"jobs/ingest/{job_id}/failedResults").text
    assert org.counts()["Contact"] == 3


def test_records_of_one_save_are_not_compared_with_each_other(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Block", "Same_Email", insert="Block")
    _, api = open_api()
    rows = [{"Key__c": key, "LastName": "x", "Email": "ada@engines.example"} for key in "ab"]

    assert [each["success"] for each in api.upsert("Contact/Key__c", *rows)] == [True, True]
    assert [each["success"] for each in api.upsert("Contact/Key__c", {**rows[0], "Key__c": "c"})] == [False]


def test_an_update_is_checked_where_it_changes_what_is_compared(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Block", "Same_Email", update="Block")
    _, api = open_api()
    create(api, Email="ada@engines.example")
    second = create(api, Email="ada@engines.example").json()["id"]

    same = api.call("PATCH", f"sobjects/Contact/{second}", {"Email": "ada@engines.example", "Title": "t"})
    away = api.call("PATCH", f"sobjects/Contact/{second}", {"Email": "other@engines.example"})
    back = api.call("PATCH", f"sobjects/Contact/{second}", {"Email": "ada@engines.example"})

    assert (same.status_code, away.status_code, is_refused(back)) == (204, 204, True)


def test_a_deleted_or_rolled_back_record_is_no_duplicate(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Block", "Same_Email", insert="Block")
    _, api = open_api()
    created = create(api, Email="ada@engines.example").json()["id"]
    api.call("DELETE", f"sobjects/Contact/{created}")
    rows = [{"Key__c": "1", "LastName": "x", "Email": "ada@engines.example"}, {"Key__c": "2"}]
    api.upsert("Contact/Key__c", *rows, allOrNone=True)

    assert create(api, Email="ada@engines.example").status_code == 201


def test_validation_rules_come_first_and_unique_fields_too(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    duplicate(project, "Block", "Same_Email", insert="Block")
    _, api = open_api()
    create(api, Email="ada@engines.example", Key__c="1")

    nobody = create(api, Email="ada@engines.example", LastName="Nobody")
    twice = create(api, Email="ada@engines.example", Key__c="1")

    assert nobody.json()[0]["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert twice.json()[0]["errorCode"] == "DUPLICATE_VALUE"


def test_a_fuzzy_rule_needs_all_of_its_items_and_no_blank(project, open_api):
    matching(project, "Contact", "Person", PERSON)
    duplicate(project, "Block", "Person", insert="Block")
    _, api = open_api()
    create(api, LastName="Kirkpatrick", Phone="+1 617 555 0143")

    like = create(api, LastName="Kirkpatric", Phone="(617) 555-0143")
    other_phone = create(api, LastName="Kirkpatrick", Phone="(212) 555-0143")
    no_phone = create(api, LastName="Kirkpatrick")

    assert (is_refused(like), other_phone.status_code, no_phone.status_code) == (True, 201, 201)
    assert like.json()[0]["duplicateResult"]["matchResults"][0]["matchEngine"] == "FuzzyMatchEngine"


def test_a_boolean_filter_and_matching_blanks_are_obeyed(project, open_api):
    items = [*PERSON, ("Email", "Exact", "NullNotAllowed"), ("Department", "Exact", "MatchBlanks")]
    matching(project, "Contact", "Either", items, boolean="1 AND (2 OR 3) AND 4")
    duplicate(project, "Block", "Either", insert="Block")
    _, api = open_api()
    create(api, Email="ada@engines.example")

    assert is_refused(create(api, Email="ada@engines.example"))
    assert create(api, Email="ada@engines.example", Department="Sums").status_code == 201


def test_a_rule_compares_with_records_of_another_object(project, open_api):
    matching(project, "Lead", "Lead_Email", EMAIL)
    mapping = (
        "<objectMapping><inputObject>Contact</inputObject><mappingFields><inputField>OtherPhone</inputField>"
        "<outputField>Email</outputField></mappingFields><outputObject>Lead</outputObject></objectMapping>"
    )
    duplicate(project, "Cross", "Lead_Email", insert="Block", other="Lead", mapping=mapping)
    _, api = open_api()
    lead = {"LastName": "x", "Company": "c", "Email": "ada@engines.example"}
    lead_id = api.call("POST", "sobjects/Lead", lead).json()["id"]

    refused = create(api, OtherPhone="ada@engines.example")

    (match,) = refused.json()[0]["duplicateResult"]["matchResults"]
    assert (match["entityType"], match["matchRecords"][0]["record"]["Id"]) == ("Lead", lead_id)
    assert create(api, Email="ada@engines.example").status_code == 201


def test_a_rule_with_a_filter_is_for_the_records_that_pass_it(project, open_api):
    matching(project, "Contact", "Same_Email", EMAIL)
    item = "<duplicateRuleFilterItems><field>Department</field><operation>equals</operation><value>Sums</value>{}"
    items = item.format("<sortOrder>1</sortOrder><table>Contact</table></duplicateRuleFilterItems>")
    duplicate(
        project, "Block", "Same_Email", insert="Block", filter=f"<duplicateRuleFilter>{items}</duplicateRuleFilter>"
    )
    _, api = open_api()
    create(api, Email="ada@engines.example")

    assert create(api, Email="ada@engines.example").status_code == 201
    assert is_refused(create(api, Email="ada@engines.example", Department="sums"))


def test_a_rule_of_salesforces_own_matches_in_a_simple_form_and_says_so(project, open_api):
    rule = "Standard_Account_Match_Rule_v1_0"
    duplicate(project, "Standard_Account_Duplicate_Rule", rule, home="Account", other="Account", alerts=["Insert"])
    org, api = open_api()
    api.call("POST", "sobjects/Account", {"Name": "Acme, Inc.", "Phone": "617 555 0143"})

    answer = api.call("POST", "sobjects/Account", {"Name": "ACME", "Phone": "+1 617 555 0143"})

    assert is_refused(answer)
    assert any(
        "matches by a simple form of Standard_Account_Match_Rule_v1_0" in each for each in org.schema.not_enforced
    )


REFUSED = {
    "matching rule": (lambda project: None, {}, "no folder has the matching rule"),
    "inactive": (lambda project: matching(project, "Contact", "M", EMAIL, status="Inactive"), {}, "is not active"),
    "nothing": (lambda project: matching(project, "Contact", "M", []), {}, "compares nothing"),
    "field": (lambda project: matching(project, "Contact", "M", [("Gone__c", "Exact", "")]), {}, "no field Gone__c"),
    "method": (lambda project: matching(project, "Contact", "M", [("Email", "Magic", "")]), {}, "method 'Magic'"),
    "filter": (lambda project: matching(project, "Contact", "M", EMAIL, boolean="7"), {}, "not in the form"),
    "object": (lambda project: None, {"other": "Ghost__c"}, "does not hold Ghost__c"),
    "home": (lambda project: None, {"home": "Ghost__c"}, "does not hold its object"),
}


@pytest.mark.parametrize(("prepare", "facts", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_rule_that_cannot_be_enforced_is_told_with_file_and_reason(project, prepare, facts, reason):
    prepare(project)
    duplicate(project, "Rule", "M", insert="Block", **facts)

    (line,) = load_schema([project.folder]).not_enforced

    assert "duplicate rule Rule is not enforced" in line
    assert reason in line
    assert "Rule.duplicateRule-meta.xml" in line


def test_an_inactive_rule_is_passed_over(project):
    duplicate(project, "Rule", "Gone", active="false")

    schema = load_schema([project.folder])

    assert (schema.duplicate_rules, schema.not_enforced) == ((), ())
