"""Dependent picklists and lookup filters of a schema folder, as a describe tells of them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.org.dependent_picklists import bitmap
from local.org.describe_fields import field_describe
from local.org.schema_loader import load_schema
from tests.fakes.sfdx import Project


def values(*names):
    return "".join(f"<value><fullName>{name}</fullName><default>false</default></value>" for name in names)


def picklist(definition, *settings, controller=""):
    pairs = "".join(
        "<valueSettings>"
        + "".join(f"<controllingFieldValue>{each}</controllingFieldValue>" for each in allowed)
        + f"<valueName>{name}</valueName></valueSettings>"
        for name, *allowed in settings
    )
    inner = f"<valueSetDefinition>{definition}</valueSetDefinition>{pairs}"
    return f"<type>Picklist</type><valueSet>{controller}{inner}</valueSet>"


def described(tmp_path, **fields):
    project = Project(tmp_path)
    project.fields("Account", **fields)
    schema = load_schema([tmp_path]).objects["Account"]
    return {name: field_describe(schema.fields[name]) for name in fields}


def test_each_value_says_with_which_values_of_its_controller_it_goes(tmp_path):
    fields = described(
        tmp_path,
        Land__c=picklist(values("de", "fr", "ch")),
        Tongue__c=picklist(
            values("german", "french", "none"),
            ("german", "de", "ch"),
            ("french", "fr", "ch", "gone"),
            controller="<controllingField>Land__c</controllingField>",
        ),
    )

    tongue = fields["Tongue__c"]
    assert (tongue["controllerName"], tongue["dependentPicklist"]) == ("Land__c", True)
    assert [each["validFor"] for each in tongue["picklistValues"]] == ["oAAA", "YAAA", "AAAA"]
    assert (fields["Land__c"]["controllerName"], fields["Land__c"]["dependentPicklist"]) == (None, False)


def test_a_checkbox_can_control_a_picklist(tmp_path):
    fields = described(
        tmp_path,
        Sold__c="<type>Checkbox</type><defaultValue>false</defaultValue>",
        Why__c=picklist(values("price"), ("price", "true"), controller="<controllingField>Sold__c</controllingField>"),
    )

    assert [each["validFor"] for each in fields["Why__c"]["picklistValues"]] == ["QAAA"]


@given(st.sets(st.integers(0, 400)))
def test_a_bitmap_holds_exactly_its_places(places):
    decoded = base64.b64decode(bitmap(places))

    assert {place for place in range(len(decoded) * 8) if decoded[place // 8] & (0x80 >> place % 8)} == places
    assert not bitmap(places).endswith("=")


@pytest.mark.parametrize("is_optional", [True, False])
def test_a_lookup_filter_is_told_and_not_enforced(tmp_path, is_optional):
    filtered = f"<lookupFilter><active>true</active><isOptional>{str(is_optional).lower()}</isOptional></lookupFilter>"
    fields = described(
        tmp_path,
        Chief__c=f"<type>Lookup</type><referenceTo>Contact</referenceTo>{filtered}",
        Other__c="<type>Lookup</type><referenceTo>Contact</referenceTo>",
    )

    told = {"controllingFields": [], "dependent": False, "optionalFilter": is_optional}
    assert (fields["Chief__c"]["filteredLookupInfo"], fields["Other__c"]["filteredLookupInfo"]) == (told, None)
    assert load_schema([tmp_path]).not_enforced == ("Account: 1 x lookup filter",)
