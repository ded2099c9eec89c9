"""Custom metadata types, labels, settings and platform events of a schema folder, through the local org's API."""

import pytest

from local.org.org import Org
from local.org.schema import SchemaError
from local.org.schema_loader import load_schema
from tests.fakes.sfdx import Project
from tests.integration.org_doors import Api, in_process_door

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NUMBER = "<type>Number</type><precision>8</precision><scale>1</scale>"


def setting(name, value):
    return f"<values><field>{name}</field><value {XSI} {value}</value></values>"


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    project.write("objects/Rate__mdt/Rate__mdt.object-meta.xml", "CustomObject", "<label>Rate</label>")
    project.fields("Rate__mdt", Percent__c=NUMBER, Note__c="<type>Text</type><length>20</length>")
    values = setting("Percent__c", 'xsi:type="xsd:double">7.5') + setting("Note__c", 'xsi:nil="true">')
    project.write("customMetadata/Rate.Food.md-meta.xml", "CustomMetadata", f"<label>Food rate</label>{values}")
    labels = "<labels><fullName>Greeting</fullName><value>Hello</value></labels>"
    project.write("labels/CustomLabels.labels-meta.xml", "CustomLabels", labels)
    project.write("objects/Paid__e/Paid__e.object-meta.xml", "CustomObject", "<label>Paid</label>")
    project.fields("Paid__e", Amount__c=NUMBER)
    settings = "<customSettingsType>Hierarchy</customSettingsType><label>Switches</label>"
    project.write("objects/Switches__c/Switches__c.object-meta.xml", "CustomObject", settings)
    project.fields("Switches__c", Greets__c="<type>Checkbox</type><defaultValue>false</defaultValue>")
    text = "<type>Text</type><formula>{}</formula>"
    project.fields(
        "Account",
        Greeting__c=text.format("IF($Setup.Switches__c.Greets__c, $Label.Greeting, NULL)"),
        Rate__c=f"{NUMBER}<formula>$CustomMetadata.Rate__mdt.Food.Percent__c * 2</formula>",
        Rate_Note__c=text.format("BLANKVALUE($CustomMetadata.Rate__mdt.Food.Note__c, &quot;none&quot;)"),
    )
    return project


@pytest.fixture
def org(project):
    return Org(load_schema([project.folder]))


@pytest.fixture
def api(org):
    with in_process_door(org) as door:
        yield Api(door, org.open_session())


def query(api, soql):
    return api.call("GET", "query", params={"q": soql}).json()["records"]


def test_records_of_custom_metadata_can_be_read(api):
    (rate,) = query(api, "SELECT DeveloperName, MasterLabel, Percent__c, Note__c FROM Rate__mdt")

    assert (rate["DeveloperName"], rate["MasterLabel"], rate["Percent__c"]) == ("Food", "Food rate", 7.5)
    assert rate["Note__c"] is None


def test_custom_metadata_cannot_be_written(api):
    refused = api.call("POST", "sobjects/Rate__mdt", {"DeveloperName": "Books"})

    assert refused.status_code == 400
    assert refused.json()[0]["errorCode"] == "INVALID_TYPE_FOR_OPERATION"
    assert not api.call("GET", "sobjects/Rate__mdt/describe").json()["createable"]


def test_formulas_read_custom_metadata_labels_and_settings(org, api):
    created = api.call("POST", "sobjects/Account", {"Name": "a"}).json()["id"]
    path = f"sobjects/Account/{created}?fields=Greeting__c,Rate__c,Rate_Note__c"
    shown = api.call("GET", path).json()
    assert (shown["Greeting__c"], shown["Rate__c"], shown["Rate_Note__c"]) == (None, 15.0, "none")

    organization = org.records("Organization")[0]["Id"]
    api.call("POST", "sobjects/Switches__c", {"SetupOwnerId": organization, "Greets__c": True})
    assert api.call("GET", path).json()["Greeting__c"] == "Hello"

    api.call("POST", "sobjects/Switches__c", {"SetupOwnerId": org.user_id, "Greets__c": False})
    assert api.call("GET", path).json()["Greeting__c"] is None


def test_a_published_event_is_enqueued_and_kept_for_the_test_to_see(org, api):
    answer = api.call("POST", "sobjects/Paid__e", {"Amount__c": 9.5})

    body = answer.json()
    assert (answer.status_code, body["success"], body["id"][:1]) == (201, True, "e")
    (event,) = org.records("Paid__e")
    told = {"statusCode": "OPERATION_ENQUEUED", "message": event["EventUuid"], "fields": []}
    assert (body["errors"], event["Amount__c"]) == ([told], 9.5)


def test_events_cannot_be_queried(api):
    answer = api.call("GET", "query", params={"q": "SELECT Amount__c FROM Paid__e"})

    assert answer.json()[0]["errorCode"] == "INVALID_TYPE"


@pytest.mark.parametrize(
    ("path", "values", "reason"),
    [
        ("Ghost.A", "", "no folder defines Ghost__mdt"),
        ("Rate.A", setting("Gone__c", 'xsi:type="xsd:string">x'), "has no field Gone__c"),
        ("Rate.A", setting("Percent__c", 'xsi:type="xsd:string">much'), "does not take 'much'"),
    ],
    ids=["type", "field", "value"],
)
def test_custom_metadata_that_fits_no_type_is_refused_with_its_file(project, path, values, reason):
    project.write(f"customMetadata/{path}.md-meta.xml", "CustomMetadata", f"<label>A</label>{values}")

    with pytest.raises(SchemaError, match=reason) as refusal:
        load_schema([project.folder])

    assert f"{path}.md-meta.xml" in str(refusal.value)


def test_metadata_of_an_unknown_kind_is_told_and_that_of_pages_is_not(project):
    project.write("layouts/Account-A.layout-meta.xml", "Layout", "")
    project.write("hovercrafts/A.hovercraft-meta.xml", "Hovercraft", "")
    project.write("approvalProcesses/A.approvalProcess-meta.xml", "ApprovalProcess", "")

    assert load_schema([project.folder]).not_enforced == (
        "1 x .hovercraft file, a kind that the local org does not know",
        "1 x approval process",
    )
