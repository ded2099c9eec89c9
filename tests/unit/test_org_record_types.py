"""Record types of the local org: read from the folders, told by describe and UI API, and asked at each write."""

import pytest

from local.org.describe import object_describe
from local.org.errors import RowError
from local.org.org import Org
from local.org.record_types import MASTER_ID, picklist_values
from local.org.rows import read_row
from local.org.schema import SchemaError
from local.org.schema_loader import load_schema
from tests.unit.test_org_schema_sfdx import write, write_field

TIERS = "".join(f"<value><fullName>{each}</fullName></value>" for each in ("Gold", "Basic", "Half, or more", "Shared"))
VALUES = f"<valueSet><restricted>true</restricted><valueSetDefinition>{TIERS}</valueSetDefinition></valueSet>"
OPEN = VALUES.replace("true", "false")


def record_type(name, picklists, active="true"):
    listed = "".join(
        f"<picklistValues><picklist>{field}</picklist>"
        + "".join(
            f"<values><fullName>{value}</fullName><default>{str(not at).lower()}</default></values>"
            for at, value in enumerate(values)
        )
        + "</picklistValues>"
        for field, values in picklists.items()
    )
    return f"<fullName>{name}</fullName><active>{active}</active><label>{name} label</label>{listed}"


@pytest.fixture
def schema(tmp_path):
    for field, kind, values in (
        ("Tier__c", "Picklist", VALUES),
        ("Tags__c", "MultiselectPicklist", VALUES),
        ("Open__c", "Picklist", OPEN),
        ("Free__c", "Picklist", VALUES),
    ):
        write_field(tmp_path, "Account", field, f"<type>{kind}</type>{values}")
    shop = {"Tier__c": ["Basic", "Half%2C or more"], "Tags__c": ["Shared"], "Open__c": ["Gold"]}
    for name, picklists, active in (("Shop", shop, "true"), ("Branch", {}, "true"), ("Old", {}, "false")):
        file = tmp_path / f"objects/Account/recordTypes/{name}.recordType-meta.xml"
        write(file, "RecordType", record_type(name, picklists, active))
    return load_schema([tmp_path])


@pytest.fixture
def org(schema):
    return Org(schema)


def id_of(org, name):
    return org.records("RecordType", DeveloperName=name)[0]["Id"]


def test_record_types_are_records_and_stand_in_the_describe_with_the_same_ids(org, schema):
    infos = object_describe(schema, schema.objects["Account"], "66.0")["recordTypeInfos"]

    told = {each["developerName"]: (each["recordTypeId"], each["active"], each["master"]) for each in infos}
    assert told == {
        "Branch": (id_of(org, "Branch"), True, False),
        "Old": (id_of(org, "Old"), False, False),
        "Shop": (id_of(org, "Shop"), True, False),
        "Master": (MASTER_ID, True, True),
    }
    assert org.records("RecordType", DeveloperName="Shop")[0]["SobjectType"] == "Account"


def values_of(schema, type_id):
    answer = picklist_values(schema.objects["Account"], type_id, "/base")
    return {name: [each["value"] for each in field["values"]] for name, field in answer["picklistFieldValues"].items()}


def test_values_of_a_record_type_are_those_of_its_metadata_and_all_where_it_says_nothing(org, schema):
    everything = ["Gold", "Basic", "Half, or more", "Shared"]

    shop, master = values_of(schema, id_of(org, "Shop")), values_of(schema, MASTER_ID)

    assert (shop["Tier__c"], shop["Tags__c"], shop["Free__c"]) == (["Basic", "Half, or more"], ["Shared"], everything)
    assert master["Tier__c"] == everything
    assert picklist_values(schema.objects["Account"], "012000000000099AAA", "/base") is None


def test_default_of_a_record_type_is_told(org, schema):
    answer = picklist_values(schema.objects["Account"], id_of(org, "Shop"), "/base")["picklistFieldValues"]["Tier__c"]

    assert answer["defaultValue"]["value"] == "Basic"
    assert answer["url"] == "/base/Tier__c"


def write_record(org, values, record=None):
    table = org.store.table("Account")
    row = read_row(table, values)
    return org.writer.create(table, row) if record is None else org.writer.update(table, record, row)


@pytest.mark.parametrize(
    ("values", "is_taken"),
    [
        ({"Tier__c": "Basic"}, True),
        ({"Tier__c": "Half, or more"}, True),
        ({"Tier__c": "Gold"}, False),
        ({"Tags__c": "Shared"}, True),
        ({"Tags__c": "Shared;Gold"}, False),
        ({"Tier__c": None}, True),
        ({"Open__c": "Basic"}, True),
        ({"Free__c": "Gold"}, True),
    ],
)
def test_value_that_the_record_type_does_not_have_is_refused_where_the_picklist_is_restricted(org, values, is_taken):
    row = {"Name": "n", "RecordTypeId": id_of(org, "Shop"), **values}

    if is_taken:
        write_record(org, row)
        return
    with pytest.raises(RowError) as caught:
        write_record(org, row)
    assert caught.value.status_code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_update_is_held_to_the_type_that_the_record_has_or_gets(org):
    record = write_record(org, {"Name": "n", "RecordTypeId": id_of(org, "Shop")})

    with pytest.raises(RowError):
        write_record(org, {"Tier__c": "Gold"}, record)
    write_record(org, {"Tier__c": "Gold", "RecordTypeId": id_of(org, "Branch")}, record)


def test_inactive_record_type_is_refused(org):
    with pytest.raises(RowError) as caught:
        write_record(org, {"Name": "n", "RecordTypeId": id_of(org, "Old")})

    assert caught.value.status_code == "INVALID_CROSS_REFERENCE_KEY"


def test_record_type_without_a_name_is_refused_with_its_file(tmp_path):
    write(tmp_path / "objects/Account/recordTypes/A.recordType-meta.xml", "RecordType", "")

    with pytest.raises(SchemaError, match=r"A\.recordType-meta\.xml"):
        load_schema([tmp_path])
