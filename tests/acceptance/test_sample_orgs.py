"""Other people's schemas and data, served by the local org; runs only where `--inputs` is given."""

import pytest

from local.org.org import Org, OrgSettings
from local.org.schema_loader import load_schema
from local.org.seed_files import read_seeds
from tests.integration.org_doors import Api, in_process_door


@pytest.fixture(scope="session")
def metadata(inputs):
    return inputs / "salesforce-metadata"


def test_dreamhouse_is_served_whole_with_its_data(metadata):
    schema = load_schema([metadata / "dreamhouse"])
    assert (schema.not_enforced, schema.refused_rules) == ((), ())

    org = Org(schema, OrgSettings(seeds=read_seeds(metadata / "dreamhouse" / "data")))

    assert {name: org.counts()[name] for name in ("Broker__c", "Property__c", "Contact")} == {
        "Broker__c": 8,
        "Property__c": 12,
        "Contact": 5,
    }
    with in_process_door(org) as door:
        soql = "SELECT Name, Broker__r.Name, Days_On_Market__c, Thumbnail_IMG__c, Record_Link__c FROM Property__c"
        answer = Api(door, org.open_session()).call("GET", "query", params={"q": soql}).json()
    assert answer["totalSize"] == 12
    assert all(each["Broker__r"]["Name"] for each in answer["records"])
    assert all(each["Thumbnail_IMG__c"].startswith('<img src="https://') for each in answer["records"])


def test_the_objects_of_jsforce_are_served_whole(metadata):
    schema = load_schema([metadata / "jsforce-test-package"])

    assert (schema.not_enforced, schema.refused_rules) == ((), ())
    with in_process_door(org := Org(schema)) as door:
        results = Api(door, org.open_session()).upsert("UpsertTable__c/ExtId__c", {"ExtId__c": "1", "Name": "one"})
    assert [each["created"] for each in results] == [True]
