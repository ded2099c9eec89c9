"""What a user with certain permission sets sees and does in the local org."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from local.org import __main__ as command
from local.org.automation.plans import TriggerPlan
from local.org.org import Org, OrgSettings
from local.org.schema_loader import load_schema
from local.org.seed_files import read_seeds
from tests.fakes.sfdx import TEXT_KEY, Project
from tests.integration.org_doors import Api, in_process_door, repository_schema

TEXT = "<type>Text</type><length>40</length>"
READ, CREATE, EDIT, DELETE = "allowRead", "allowCreate", "allowEdit", "allowDelete"


def on_object(name, *flags):
    given = "".join(f"<{flag}>true</{flag}>" for flag in flags)
    return f"<objectPermissions>{given}<object>{name}</object></objectPermissions>"


def on_field(name, *, editable):
    body = f"<editable>{str(editable).lower()}</editable><field>{name}</field><readable>true</readable>"
    return f"<fieldPermissions>{body}</fieldPermissions>"


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("access"))
    project.custom_object(
        "Thing__c",
        Open__c=TEXT,
        Shown__c=TEXT,
        Secret__c=f"{TEXT}<defaultValue>&quot;kept&quot;</defaultValue>",
        Must__c=f"{TEXT}<required>true</required>",
        Place__c="<type>Location</type><scale>5</scale>",
        Twice__c="<type>Text</type><formula>Secret__c &amp; Secret__c</formula>",
    )
    project.custom_object("Hidden__c", Thing__c="<type>Lookup</type><referenceTo>Thing__c</referenceTo>")
    project.rule("Thing__c", "Secret_Is_Kept", "Secret__c &lt;&gt; &quot;kept&quot; &amp;&amp; ISNEW()")
    whole = on_object("Thing__c", READ, CREATE, EDIT, DELETE) + on_field("Thing__c.Key__c", editable=True)
    fields = "".join(
        on_field(f"Thing__c.{name}", editable=editable)
        for name, editable in {"Open__c": True, "Shown__c": False, "Place__c": True, "Twice__c": False}.items()
    )
    sets = {
        "Worker": whole + fields,
        "Reader": on_object("Thing__c", READ),
        "Everything": "<userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions>",
        "Whole_Reader": on_object("Hidden__c", READ, "viewAllFields"),
        "Badge": "<customPermissions><enabled>true</enabled><name>Badge</name></customPermissions>",
        "Developer": "<classAccesses><enabled>true</enabled></classAccesses>" + whole,
    }
    project.write("customPermissions/Badge.customPermission-meta.xml", "CustomPermission", "<label>B</label>")
    for name, body in sets.items():
        project.write(f"permissionsets/{name}.permissionset-meta.xml", "PermissionSet", f"{body}<label>l</label>")
    return load_schema([project.folder])


@pytest.fixture
def open_api(schema):
    doors = []

    def open_api(*permission_sets, **settings):
        org = Org(schema, OrgSettings(permission_sets=permission_sets, **settings))
        doors.append(in_process_door(org))
        return org, Api(doors[-1].__enter__(), org.open_session())

    yield open_api
    for door in doors:
        door.__exit__(None, None, None)


def fields_of(api, name="Thing__c"):
    return {each["name"]: each for each in api.call("GET", f"sobjects/{name}/describe").json()["fields"]}


def query(api, soql):
    return api.call("GET", "query", params={"q": soql}).json()


def test_a_field_without_read_access_is_not_there(open_api):
    org, api = open_api("Worker")

    created = api.upsert("Thing__c/Key__c", {"Key__c": "1", "Must__c": "m", "Open__c": "o"})
    named = api.upsert("Thing__c/Key__c", {"Key__c": "1", "Secret__c": "x"})

    assert created[0]["success"]
    told = {"statusCode": "INVALID_FIELD", "message": "No such column 'Secret__c' on sobject of type Thing__c"}
    assert named[0]["errors"] == [{**told, "fields": []}]
    assert "Secret__c" not in fields_of(api)
    assert query(api, "SELECT Secret__c FROM Thing__c")[0]["errorCode"] == "INVALID_FIELD"
    assert "Secret__c" not in api.call("GET", "sobjects/Thing__c/Key__c/1").json()
    assert org.records("Thing__c")[0]["Secret__c"] == "kept"


def test_a_field_without_edit_access_is_read_and_not_written(open_api):
    _, api = open_api("Worker")

    refused = api.call("POST", "sobjects/Thing__c", {"Must__c": "m", "Shown__c": "s"}).json()

    assert (refused[0]["errorCode"], refused[0]["fields"]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["Shown__c"])
    assert fields_of(api)["Shown__c"]["updateable"] is False


def test_formulas_and_rules_see_what_the_user_does_not(open_api):
    _, api = open_api("Worker")
    api.upsert("Thing__c/Key__c", {"Key__c": "1", "Must__c": "m"})

    assert api.call("GET", "sobjects/Thing__c/Key__c/1").json()["Twice__c"] == "keptkept"


def test_what_permission_sets_cannot_hide_is_always_there(open_api):
    _, api = open_api("Worker")

    shown = fields_of(api)

    assert {"Id", "Name", "OwnerId", "Must__c", "Place__c", "Place__Latitude__s"} <= set(shown)
    assert shown["Must__c"]["updateable"]


def test_an_object_without_access_is_not_there(open_api):
    _, api = open_api("Worker")

    assert api.call("GET", "sobjects/Hidden__c/describe").status_code == 404
    assert api.call("POST", "sobjects/Hidden__c", {}).status_code == 404
    assert query(api, "SELECT Id FROM Hidden__c")[0]["errorCode"] == "INVALID_TYPE"
    names = {each["name"] for each in api.call("GET", "sobjects").json()["sobjects"]}
    assert {"Thing__c", "User", "Organization"} <= names
    assert names.isdisjoint({"Hidden__c", "Account"})
    children = api.call("GET", "sobjects/Thing__c/describe").json()["childRelationships"]
    assert "Hidden__c" not in {each["childSObject"] for each in children}


def test_who_may_only_read_is_refused_every_write(open_api):
    org, api = open_api("Reader")
    record_id = org.store.seed("Thing__c", {"Must__c": "m"})

    answers = [
        api.call("POST", "sobjects/Thing__c", {"Must__c": "m"}),
        api.call("PATCH", f"sobjects/Thing__c/{record_id}", {"Must__c": "n"}),
        api.call("DELETE", f"sobjects/Thing__c/{record_id}"),
    ]

    assert [(each.status_code, each.json()[0]["errorCode"]) for each in answers] == [
        (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        (400, "INSUFFICIENT_ACCESS_OR_READONLY"),
        (400, "INSUFFICIENT_ACCESS_OR_READONLY"),
    ]
    assert org.records("Thing__c")[0]["Must__c"] == "m"
    item = api.call("GET", "sobjects/Thing__c/describe").json()
    assert (item["queryable"], item["createable"], item["updateable"], item["deletable"]) == (True, False, False, False)


def test_several_sets_add_up(open_api):
    _, api = open_api("Reader", "Worker", "Whole_Reader")

    assert api.call("POST", "sobjects/Thing__c", {"Must__c": "m", "Open__c": "o"}).status_code == 201
    thing = fields_of(api, "Hidden__c")["Thing__c"]
    assert (thing["createable"], thing["updateable"]) == (False, False)


def test_a_permission_over_all_data_opens_objects_and_no_fields(open_api):
    _, api = open_api("Everything")

    assert api.call("POST", "sobjects/Hidden__c", {}).status_code == 201
    assert "Open__c" not in fields_of(api)


@pytest.mark.parametrize("permission_sets", [(), ("Badge",)], ids=["no set", "a set of custom permissions"])
def test_who_is_given_no_objects_or_fields_may_do_everything(open_api, permission_sets):
    _, api = open_api(*permission_sets)

    assert api.call("POST", "sobjects/Thing__c", {"Must__c": "m", "Secret__c": "kept"}).status_code == 201


def test_the_seed_and_automation_write_what_the_user_may_not(open_api, tmp_path):
    thing = {"attributes": {"type": "Thing__c", "referenceId": "t"}, "Key__c": "1", "Must__c": "m", "Shown__c": "seed"}
    child = {"attributes": {"type": "Hidden__c", "referenceId": "h"}, "Thing__c": "@t"}
    (tmp_path / "a.json").write_text(json.dumps({"records": [thing, child]}), encoding="utf-8")
    org, api = open_api("Worker", seeds=read_seeds(tmp_path))
    sets = [{"field": "Secret__c", "value": "by trigger"}]
    org.automation.plan([TriggerPlan(object="Thing__c", timing="before", on=["update"], sets=sets)])

    api.upsert("Thing__c/Key__c", {"Key__c": "1", "Open__c": "o"})

    (kept,) = org.records("Thing__c")
    assert (kept["Shown__c"], kept["Secret__c"], kept["Open__c"]) == ("seed", "by trigger", "o")
    assert org.counts()["Hidden__c"] == 1


def test_a_delete_reaches_records_that_the_user_does_not_see(open_api):
    org, api = open_api("Worker")
    thing_id = org.store.seed("Thing__c", {"Must__c": "m"})
    hidden_table = org.store.whole_table("Hidden__c")
    org.store.locate(hidden_table.insert(hidden_table.blank()))[1].put(
        hidden_table.use(hidden_table.whole.fields["Thing__c"]).slot, thing_id
    )

    assert api.call("DELETE", f"sobjects/Thing__c/{thing_id}").status_code == 204

    assert org.records("Hidden__c")[0]["Thing__c"] is None


def test_a_reset_keeps_the_access(open_api):
    org, api = open_api("Reader")

    org.reset()
    api.token = org.open_session()

    assert "Secret__c" not in fields_of(api)


def test_serve_says_what_of_a_named_set_is_not_enforced(schema):
    org = Org(schema, OrgSettings(permission_sets=("Developer", "Reader")))

    assert org.access_not_enforced == ["permission set Developer: 1 x classAccesses"]


def test_the_projects_own_permission_set_is_enough_for_its_own_fields():
    name = "Lockstep_Integration"
    whole = repository_schema()
    with in_process_door(org := Org(whole, OrgSettings(permission_sets=(name,)))) as door:
        api = Api(door, org.open_session())
        row = {"Shopify_Customer_Id__c": "1", "Name": "n", "Shopify_Version__c": 1, "BillingCity": "c"}
        results = api.upsert("Account/Shopify_Customer_Id__c", row)

    assert results[0]["success"], results
    own = {field for field in whole.objects["Account"].fields if field.endswith("__c")}
    assert own <= set(org.schema.objects["Account"].fields)


def test_serve_refuses_a_set_that_no_folder_has(tmp_path: Path):
    result = CliRunner().invoke(command.app, ["serve", "--permission-set", "Gone", "--state-folder", str(tmp_path)])

    assert result.exit_code == 2
    assert "no schema folder has the permission set Gone" in result.output


def test_a_unique_field_that_is_hidden_stays_unique(tmp_path):
    project = Project(tmp_path)
    project.custom_object("Thing__c", Code__c=TEXT_KEY)
    body = on_object("Thing__c", READ, CREATE, EDIT) + on_field("Thing__c.Key__c", editable=True)
    project.write("permissionsets/Worker.permissionset-meta.xml", "PermissionSet", f"{body}<label>w</label>")
    org = Org(load_schema([tmp_path]), OrgSettings(permission_sets=("Worker",)))
    org.store.show_as(org.schema)
    table = org.store.whole_table("Thing__c")

    codes = [table.use(table.whole.fields["Code__c"]) for _ in range(2)]

    assert codes[0] is codes[1]
    assert [column.field.name for column in table.indexes].count("Code__c") == 1
