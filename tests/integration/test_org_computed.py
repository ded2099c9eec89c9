"""What the local org computes: formula fields, roll-up summaries, defaults and auto-numbers, through its API."""

import pytest

from local.org.clock import OrgClock
from local.org.org import Org, OrgSettings
from local.org.schema_loader import load_schema
from tests.fakes.sfdx import Project
from tests.integration.org_doors import Api, in_process_door

NUMBER = "<type>Number</type><precision>18</precision><scale>2</scale>"
CURRENCY = "<type>Currency</type><precision>16</precision><scale>2</scale>"
MASTER = (
    "<type>MasterDetail</type><referenceTo>Invoice__c</referenceTo><relationshipName>Lines</relationshipName>"
    "<relationshipOrder>0</relationshipOrder>"
)
# 2026-03-31T12:30:00Z
NOW_S = 1_774_960_200.0


def formula(text, kind=NUMBER, more=""):
    return f"{kind}<formula>{text}</formula>{more}"


def summary(operation, operand="", filters=""):
    what = f"<summarizedField>Line__c.{operand}</summarizedField>" if operand else ""
    return (
        f"<type>Summary</type>{what}<summaryForeignKey>Line__c.Invoice__c</summaryForeignKey>"
        f"<summaryOperation>{operation}</summaryOperation>{filters}"
    )


PAID_ONLY = (
    "<summaryFilterItems><field>Line__c.Status__c</field><operation>equals</operation>"
    "<value>paid, settled</value></summaryFilterItems>"
)


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("invoices"))
    project.custom_object(
        "Invoice__c",
        Tax__c=NUMBER,
        Due__c="<type>Date</type><defaultValue>TODAY() + 14</defaultValue>",
        Share__c="<type>Percent</type><precision>5</precision><scale>1</scale>",
        Place__c="<type>Location</type><scale>5</scale>",
        Number__c="<type>AutoNumber</type><displayFormat>I-{YYYY}{MM}-{000}</displayFormat><startingNumber>7</startingNumber>",
        Total__c=summary("sum", "Amount__c"),
        Lines__c=summary("count"),
        Paid_Lines__c=summary("count", filters=PAID_ONLY),
        First_Day__c=summary("min", "Day__c"),
        Greatest__c=summary("max", "Amount__c"),
        Gross__c=formula("Total__c + Tax__c"),
        Gross_Or_Blank__c=formula(
            "Total__c + Tax__c", more="<formulaTreatBlanksAs>BlankAsBlank</formulaTreatBlanksAs>"
        ),
        Half__c=formula("Share__c / 2", "<type>Percent</type><precision>18</precision><scale>1</scale>"),
        Is_Late__c=formula("Due__c &lt; TODAY()", "<type>Checkbox</type>"),
        Late_Since__c=formula("IF(Is_Late__c, Due__c, NULL)", "<type>Date</type>"),
        Picture__c=formula("IMAGE(&quot;/p.png?a&amp;b&quot;, Name, 10, 20)", "<type>Text</type>"),
        Ratio__c=formula("1 / Tax__c"),
    )
    project.custom_object(
        "Line__c",
        Amount__c=CURRENCY,
        Day__c="<type>Date</type>",
        Status__c="<type>Text</type><length>20</length>",
        Invoice__c=MASTER,
        Invoice_Gross__c=formula("Invoice__r.Gross__c"),
    )
    project.rule("Invoice__c", "Not_Over_1000", "Total__c &gt; 1000")
    return load_schema([project.folder])


@pytest.fixture
def org(schema):
    return Org(schema, OrgSettings(keeps_history=True), OrgClock(lambda: NOW_S))


@pytest.fixture
def api(org):
    with in_process_door(org) as door:
        yield Api(door, org.open_session())


def invoice(org, key="i"):
    (found,) = org.records("Invoice__c", Key__c=key)
    return found


def add_lines(api, *amounts, **more):
    rows = [
        {"Key__c": f"l{place}", "Invoice__r": {"Key__c": "i"}, "Amount__c": amount, **more}
        for place, amount in enumerate(amounts)
    ]
    results = api.upsert("Line__c/Key__c", *rows)
    assert all(each["success"] for each in results), results


@pytest.fixture
def an_invoice(api):
    assert api.upsert("Invoice__c/Key__c", {"Key__c": "i", "Name": "One"})[0]["success"]


def test_everything_of_the_schema_is_computed(schema):
    assert schema.not_enforced == ()


def test_a_new_parent_has_empty_summaries(org, an_invoice):
    shown = invoice(org)

    assert (shown["Total__c"], shown["Lines__c"], shown["First_Day__c"], shown["Greatest__c"]) == (0.0, 0.0, None, None)


def test_summaries_follow_creates_updates_and_deletes_of_children(org, api, an_invoice):
    add_lines(api, 0.1, 0.2, 5, Day__c="2026-02-01")
    api.upsert("Line__c/Key__c", {"Key__c": "l2", "Amount__c": 7, "Day__c": "2026-01-15", "Status__c": "Settled"})

    shown = invoice(org)
    assert (shown["Total__c"], shown["Lines__c"], shown["Paid_Lines__c"]) == (7.3, 3.0, 1.0)
    assert (shown["First_Day__c"], shown["Greatest__c"]) == ("2026-01-15", 7.0)

    api.call("DELETE", "sobjects/Line__c/Key__c/l2")

    shown = invoice(org)
    assert (shown["Total__c"], shown["Lines__c"], shown["Paid_Lines__c"]) == (0.3, 2.0, 0.0)


def test_a_call_taken_back_leaves_the_summaries_as_they_were(org, api, an_invoice):
    add_lines(api, 1)
    rows = [{"Key__c": "l0", "Amount__c": 100}, {"Key__c": "x", "Amount__c": 1}]

    results = api.upsert("Line__c/Key__c", *rows, allOrNone=True)

    assert [each["success"] for each in results] == [False, False]
    assert (invoice(org)["Total__c"], invoice(org)["Lines__c"]) == (1.0, 1.0)


def test_a_child_whose_sum_its_parent_forbids_is_refused(org, api, an_invoice):
    add_lines(api, 900)

    refused, written = api.upsert(
        "Line__c/Key__c",
        {"Key__c": "l1", "Invoice__r": {"Key__c": "i"}, "Amount__c": 101},
        {"Key__c": "l2", "Invoice__r": {"Key__c": "i"}, "Amount__c": 100},
    )

    assert (refused["errors"][0]["message"], written["success"]) == ("Not_Over_1000", True)
    assert (invoice(org)["Total__c"], len(org.records("Line__c"))) == (1000.0, 2)


def test_a_change_of_a_child_moves_the_modstamp_of_its_parent_and_not_its_last_modified_date(org, api, an_invoice):
    add_lines(api, 1)
    before = invoice(org)
    org.advance_clock(60)

    api.upsert("Line__c/Key__c", {"Key__c": "l0", "Status__c": "paid"})

    after = invoice(org)
    assert after["SystemModstamp"] > before["SystemModstamp"]
    assert after["LastModifiedDate"] == before["LastModifiedDate"]


def test_a_change_that_no_summary_reads_leaves_the_parent_alone(org, api, an_invoice):
    add_lines(api, 1)
    before = invoice(org)
    org.advance_clock(60)

    api.upsert("Line__c/Key__c", {"Key__c": "l0", "Name": "renamed"})

    assert invoice(org)["SystemModstamp"] == before["SystemModstamp"]


def test_formulas_read_summaries_other_formulas_and_parents(org, api, an_invoice):
    api.upsert("Invoice__c/Key__c", {"Key__c": "i", "Tax__c": 1.5, "Share__c": 25, "Due__c": "2026-03-01"})
    add_lines(api, 10)

    shown = invoice(org)

    assert (shown["Gross__c"], shown["Half__c"]) == (11.5, 12.5)
    assert (shown["Is_Late__c"], shown["Late_Since__c"]) == (True, "2026-03-01")
    assert org.records("Line__c")[0]["Invoice_Gross__c"] == 11.5


def test_an_empty_number_is_zero_or_blank_as_the_formula_says(org, an_invoice):
    assert (invoice(org)["Gross__c"], invoice(org)["Gross_Or_Blank__c"]) == (0.0, None)


def test_a_formula_that_cannot_be_evaluated_is_null(org, an_invoice):
    assert invoice(org)["Ratio__c"] is None


def test_an_image_is_a_tag_with_its_texts_made_safe(org, an_invoice):
    tag = '<img src="/p.png?a&amp;b" alt="One" style="height:10px; width:20px;" border="0"/>'
    assert invoice(org)["Picture__c"] == tag


def test_a_computed_field_can_be_queried_filtered_and_not_written(api, an_invoice):
    add_lines(api, 10)

    found = api.call("GET", "query", params={"q": "SELECT Total__c FROM Invoice__c WHERE Gross__c > 9"}).json()
    refused = api.call("PATCH", "sobjects/Invoice__c/Key__c/i", {"Gross__c": 1}).json()

    assert [each["Total__c"] for each in found["records"]] == [10.0]
    assert (refused[0]["errorCode"], refused[0]["fields"]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["Gross__c"])


def test_describe_tells_what_is_computed(api):
    fields = {each["name"]: each for each in api.call("GET", "sobjects/Invoice__c/describe").json()["fields"]}

    told = {name: (fields[name]["type"], fields[name]["calculated"], fields[name]["updateable"]) for name in fields}
    assert told["Gross__c"] == ("double", True, False)
    assert told["Total__c"] == ("currency", True, False)
    assert fields["Gross__c"]["formulaTreatNullNumberAsZero"]
    assert not fields["Gross_Or_Blank__c"]["formulaTreatNullNumberAsZero"]
    assert fields["Picture__c"]["htmlFormatted"]


def test_a_default_that_is_a_formula_fills_what_the_row_does_not_name(org, api, an_invoice):
    api.upsert("Invoice__c/Key__c", {"Key__c": "empty", "Due__c": None})

    assert invoice(org)["Due__c"] == "2026-04-14"
    assert invoice(org, "empty")["Due__c"] is None


def test_an_auto_number_counts_from_its_first_and_names_the_month(org, api, an_invoice):
    api.upsert("Invoice__c/Key__c", {"Key__c": "second"})

    assert (invoice(org)["Number__c"], invoice(org, "second")["Number__c"]) == ("I-202603-007", "I-202603-008")


def test_a_location_is_shown_whole_once_it_has_both_parts(org, api, an_invoice):
    assert invoice(org)["Place__c"] is None

    api.upsert("Invoice__c/Key__c", {"Key__c": "i", "Place__Latitude__s": 1.5, "Place__Longitude__s": -2.25})

    assert invoice(org)["Place__c"] == {"latitude": 1.5, "longitude": -2.25}


def test_a_detail_stays_with_its_master_and_goes_with_it(org, api, an_invoice):
    api.upsert("Invoice__c/Key__c", {"Key__c": "other"})
    add_lines(api, 1)

    moved = api.upsert("Line__c/Key__c", {"Key__c": "l0", "Invoice__r": {"Key__c": "other"}})
    same = api.upsert("Line__c/Key__c", {"Key__c": "l0", "Invoice__r": {"Key__c": "i"}, "Amount__c": 2})
    orphan = api.upsert("Line__c/Key__c", {"Key__c": "l1", "Amount__c": 2})

    assert moved[0]["errors"][0]["statusCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert same[0]["success"]
    assert orphan[0]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert invoice(org)["Total__c"] == 2.0

    api.call("DELETE", "sobjects/Invoice__c/Key__c/i")

    assert org.records("Line__c") == []


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"A__c": formula("B__c"), "B__c": formula("A__c")}, "refers to itself"),
        ({"A__c": formula("PRIORVALUE(Name)", "<type>Text</type>")}, "a formula field knows of none"),
        ({"A__c": formula("&quot;text&quot;")}, "it gives a text"),
        ({"A__c": formula("CURRENCYRATE(1)")}, "does not know the function CURRENCYRATE"),
        ({"A__c": summary("sum", "Gone__c").replace("Line__c", "Account")}, "no lookup to Account"),
    ],
    ids=["circle", "save", "type", "function", "summary"],
)
def test_what_cannot_be_computed_is_told_and_stays_empty(tmp_path, fields, reason):
    project = Project(tmp_path)
    project.fields("Account", **fields)

    schema = load_schema([tmp_path])

    assert any("A__c stays empty" in line and reason in line for line in schema.not_enforced), schema.not_enforced
    org = Org(schema)
    org.store.seed("Account", {"Name": "x"})
    assert org.records("Account")[0]["A__c"] is None


def test_a_contact_is_found_by_its_composed_name(api):
    api.call("POST", "sobjects/Contact", {"FirstName": "Ada", "LastName": "Lovelace"})

    found = api.call("GET", "query", params={"q": "SELECT Name FROM Contact WHERE Name = 'Ada Lovelace'"}).json()

    assert [each["Name"] for each in found["records"]] == ["Ada Lovelace"]
