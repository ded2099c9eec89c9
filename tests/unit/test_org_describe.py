"""The describe answers: their keys, their order, and what follows from a field's type."""

import pytest

from local.org.describe import global_describe, object_describe, sobject_item
from local.org.schema import FieldSchema
from local.org.schema_loader import load_schema

VERSION = "66.0"
GLOBAL_KEYS = [
    *("activateable", "associateEntityType", "associateParentEntity", "createable", "custom", "customSetting"),
    *("deepCloneable", "deletable", "deprecatedAndHidden", "feedEnabled", "hasSubtypes", "isInterface", "isSubtype"),
    *("keyPrefix", "label", "labelPlural", "layoutable", "mergeable", "mruEnabled", "name", "queryable"),
    *("replicateable", "retrieveable", "searchable", "triggerable", "undeletable", "updateable", "urls"),
]
OBJECT_KEYS = sorted(
    [
        *GLOBAL_KEYS,
        *("actionOverrides", "childRelationships", "compactLayoutable", "defaultImplementation", "extendedBy"),
        *("extendsInterfaces", "fields", "implementedBy", "implementsInterfaces", "listviewable", "lookupLayoutable"),
        *("namedLayoutInfos", "networkScopeFieldName", "recordTypeInfos", "searchLayoutable"),
        *("sobjectDescribeOption", "supportedScopes"),
    ]
)


@pytest.fixture(scope="module")
def schema():
    return load_schema([])


@pytest.fixture(scope="module")
def fields(schema):
    described = {name: object_describe(schema, each, VERSION) for name, each in schema.objects.items()}
    return {name: {field["name"]: field for field in each["fields"]} for name, each in described.items()}


def test_the_global_describe_lists_every_object_by_name(schema):
    answer = global_describe(schema, VERSION)

    assert list(answer) == ["encoding", "maxBatchSize", "sobjects"]
    assert [each["name"] for each in answer["sobjects"]] == sorted(schema.objects)
    assert all(list(each) == GLOBAL_KEYS for each in answer["sobjects"])


def test_an_object_describe_has_every_key_in_order(schema):
    for each in schema.objects.values():
        assert list(object_describe(schema, each, VERSION)) == OBJECT_KEYS, each.name


def test_a_field_has_57_keys_in_order(fields):
    keys = list(fields["Contact"]["LastName"])

    assert len(keys) == 57
    assert keys == sorted(keys)


@pytest.mark.parametrize("version", ["66.0", "v66.0"], ids=lambda value: value)
def test_urls_name_the_version(schema, version):
    assert sobject_item(schema.objects["Lead"], version)["urls"]["sobject"] == "/services/data/v66.0/sobjects/Lead"


FACTS = {
    "id": ("Account", "Id", {"type": "id", "soapType": "tns:ID", "length": 18, "byteLength": 18, "idLookup": True}),
    "text": ("Account", "Name", {"length": 255, "byteLength": 765, "extraTypeInfo": "switchablepersonname"}),
    "email": ("Contact", "Email", {"type": "email", "idLookup": True, "externalId": False, "unique": False}),
    "auto-number": ("Case", "CaseNumber", {"autoNumber": True, "createable": False, "groupable": False}),
    "owner": (
        "Lead",
        "OwnerId",
        {"referenceTo": ["Group", "User"], "polymorphicForeignKey": True, "namePointing": True},
    ),
    "standard lookup": ("Contact", "AccountId", {"cascadeDelete": False, "restrictedDelete": False}),
    "lookup": ("Contact", "AccountId", {"relationshipName": "Account", "searchPrefilterable": True, "nillable": True}),
    "currency": ("Opportunity", "Amount", {"soapType": "xsd:double", "precision": 18, "scale": 2, "groupable": False}),
    "int": ("Account", "NumberOfEmployees", {"type": "int", "soapType": "xsd:int", "digits": 8, "precision": 0}),
    "address": ("Contact", "MailingAddress", {"soapType": "urn:address", "createable": False, "queryByDistance": True}),
    "latitude": ("Contact", "MailingLatitude", {"precision": 18, "scale": 15, "compoundFieldName": "MailingAddress"}),
    "boolean": ("Contact", "IsDeleted", {"nillable": False, "defaultedOnCreate": True, "aggregatable": False}),
    "long text": ("Account", "Description", {"filterable": False, "sortable": False, "groupable": False}),
    "picklist": ("Account", "Industry", {"restrictedPicklist": False, "byteLength": 120}),
    "restricted": ("Account", "CleanStatus", {"restrictedPicklist": True}),
}


@pytest.mark.parametrize(("object_name", "field_name", "facts"), FACTS.values(), ids=FACTS)
def test_a_field_states_what_follows_from_its_type(fields, object_name, field_name, facts):
    described = fields[object_name][field_name]

    assert {key: described[key] for key in facts} == facts


def test_a_picklist_entry_has_five_keys(fields):
    entry = fields["Case"]["Status"]["picklistValues"][0]

    assert entry == {"active": True, "defaultValue": True, "label": "New", "validFor": None, "value": "New"}


def test_a_parent_lists_the_lookups_that_lead_to_it(schema):
    children = object_describe(schema, schema.objects["Account"], VERSION)["childRelationships"]
    found = {(each["childSObject"], each["field"]): each for each in children}

    assert found["Contact", "AccountId"] == {
        "cascadeDelete": True,
        "childSObject": "Contact",
        "deprecatedAndHidden": False,
        "field": "AccountId",
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": "Contacts",
        "restrictedDelete": False,
    }
    assert found["Case", "AccountId"]["restrictedDelete"]
    assert ("Account", "MasterRecordId") not in found


def test_an_object_without_record_types_has_the_master(schema):
    (record_type,) = object_describe(schema, schema.objects["Task"], VERSION)["recordTypeInfos"]

    assert (record_type["recordTypeId"], record_type["master"]) == ("012000000000000AAA", True)


def test_a_formula_default_stands_in_its_own_key(schema):
    field = FieldSchema("A__c", "A", "string", custom=True, default_value="x", default_value_formula='"x"')
    account = schema.objects["Account"]
    changed = type(account)("Account", "Account", "Accounts", "001", {"A__c": field})

    (described,) = object_describe(schema, changed, VERSION)["fields"]

    assert (described["defaultValue"], described["defaultValueFormula"]) == (None, '"x"')
