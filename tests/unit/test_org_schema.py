"""What the standard objects of the local org demand and hold."""

import pytest

from local.org.schema import SchemaError
from local.org.schema_loader import load_schema
from local.org.standard_objects.notation import read_field
from local.org.standard_objects.reader import read_value_sets

REQUIRED_ON_CREATE = {
    "Account": {"Name"},
    "Asset": {"Name"},
    "Case": set(),
    "Contact": {"LastName"},
    "Contract": {"AccountId"},
    "Event": set(),
    "Lead": {"LastName", "Company"},
    "Opportunity": {"Name", "StageName", "CloseDate"},
    "Order": {"AccountId", "EffectiveDate", "Status"},
    "OrderItem": {"OrderId", "PricebookEntryId", "Quantity", "UnitPrice"},
    "Pricebook2": {"Name"},
    "PricebookEntry": {"Pricebook2Id", "Product2Id", "UnitPrice"},
    "Product2": {"Name"},
    "Task": set(),
}


@pytest.fixture(scope="module")
def standard():
    return load_schema([])


@pytest.mark.parametrize(("name", "fields"), REQUIRED_ON_CREATE.items(), ids=REQUIRED_ON_CREATE)
def test_a_standard_object_demands_what_an_org_demands(standard, name, fields):
    demanded = standard.objects[name].fields.values()

    assert {each.name for each in demanded if each.required_on_create or each.required_by_platform} == fields


def test_the_account_of_an_order_is_nillable_in_the_describe_and_demanded_by_the_platform(standard):
    account = standard.objects["Order"].fields["AccountId"]

    assert account.nillable
    assert account.required_by_platform


def test_an_asset_needs_an_account_or_a_contact(standard):
    assert standard.objects["Asset"].required_one_of == (("AccountId", "ContactId"),)


def test_every_object_has_a_key_prefix_of_its_own(standard):
    prefixes = [each.key_prefix for each in standard.objects.values()]

    assert len(set(prefixes)) == len(prefixes)
    assert all(len(prefix) == 3 for prefix in prefixes)


def test_every_lookup_leads_to_an_object_that_is_there(standard):
    targets = {
        name for each in standard.objects.values() for field in each.fields.values() for name in field.reference_to
    }

    assert targets <= set(standard.objects)


def test_every_part_names_a_compound_field_of_its_object(standard):
    for each in standard.objects.values():
        compounds = {field.compound_field_name for field in each.fields.values()} - {None}
        assert compounds <= set(each.fields), each.name


def test_every_object_has_one_name_field_at_most(standard):
    for each in standard.objects.values():
        assert sum(field.name_field for field in each.fields.values()) <= 1, each.name


def test_every_picklist_has_a_value_set_that_a_field_uses(standard):
    used = {field.picklist_values for each in standard.objects.values() for field in each.fields.values()}

    assert {values for values in read_value_sets().values() if values} <= used


@pytest.mark.parametrize(
    ("object_name", "field_name"),
    [
        ("Contact", "Email"),
        ("Lead", "Email"),
        ("Opportunity", "Name"),
        ("Case", "CaseNumber"),
        ("User", "Username"),
        ("Account", "Id"),
    ],
    ids=lambda value: value,
)
def test_a_field_by_which_records_can_be_upserted_is_an_id_lookup(standard, object_name, field_name):
    assert standard.objects[object_name].fields[field_name].id_lookup


def test_objects_and_fields_are_found_in_any_case(standard):
    assert standard.find("pricebook2").find("ISACTIVE").name == "IsActive"


def test_a_new_lead_has_the_status_that_its_value_set_marks(standard):
    status = standard.objects["Lead"].fields["Status"]

    assert (status.default_value, status.defaulted_on_create) == ("Open - Not Contacted", True)


@pytest.mark.parametrize(
    "line",
    ["Name | Label", "Name | Label | string 80 shiny", "Name | Label | picklist 40 set=Nowhere", "a | b | c | d"],
    ids=["no-type", "unknown-word", "unknown-value-set", "too-many-columns"],
)
def test_a_line_that_the_notation_does_not_know_is_refused(line):
    with pytest.raises(SchemaError):
        read_field(line, {})
