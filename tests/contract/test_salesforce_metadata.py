"""The metadata in `salesforce/` hold together: what one file names, another defines."""

from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local.org.schema_loader import load_schema
from lockstep.domain.changes import correlation_id
from lockstep.runtime.route_files import load_route_models

ROOT = Path(__file__).parents[2]
METADATA = ROOT / "salesforce/force-app/main/default"
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
ROOT_BY_SUFFIX = {
    "compactLayout": "CompactLayout",
    "customPermission": "CustomPermission",
    "field": "CustomField",
    "layout": "Layout",
    "listView": "ListView",
    "object": "CustomObject",
    "permissionset": "PermissionSet",
    "tab": "CustomTab",
    "validationRule": "ValidationRule",
}
LOG = "Integration_Error_Log__c"
LOG_FIELDS = {
    *("Source_System__c", "Object_Type__c", "Payload__c", "Error_Message__c", "Retry_Count__c", "Status__c"),
    *("Correlation_Id__c", "Error_Code__c", "Failure_Kind__c", "External_Id__c", "Entity__c", "First_Failed_At__c"),
    *("Last_Tried_At__c", "Next_Try_At__c", "Resolved_At__c", "Payload_Location__c"),
}
# What list views call the fields that every object has.
STANDARD_COLUMNS = {"NAME": "Name"}

SCHEMA = load_schema([ROOT / "salesforce"])
FILES = sorted(METADATA.rglob("*-meta.xml"))
each_file = pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])


def _read(file):
    root = ET.parse(file).getroot()
    for element in root.iter():
        assert element.tag.startswith(NAMESPACE), f"{file.name}: {element.tag} is outside of the namespace"
        element.tag = element.tag.removeprefix(NAMESPACE)
    return root


def _named(suffix, folder="**"):
    return {
        file.name.split(f".{suffix}-meta")[0]: _read(file) for file in METADATA.glob(f"{folder}/*.{suffix}-meta.xml")
    }


def _texts(root, path):
    return [element.text for element in root.findall(path)]


@each_file
def test_a_file_is_of_the_type_that_its_name_says(file):
    stem, suffix = file.name.removesuffix("-meta.xml").rsplit(".", 1)
    root = _read(file)

    assert root.tag == ROOT_BY_SUFFIX[suffix]
    assert root.findtext("fullName") in {None, stem}
    assert len(stem) <= 80


@each_file
def test_elements_stand_in_the_order_in_which_salesforce_writes_them(file):
    tags = [child.tag for child in _read(file) if child.tag != "fullName"]

    assert all(before <= after for before, after in pairwise(tags))


@each_file
def test_texts_fit_what_salesforce_allows(file):
    limits = {"description": 1000, "inlineHelpText": 510, "errorMessage": 255, "label": 80}
    for element in _read(file).iter():
        assert len(element.text or "") <= limits.get(element.tag, 4000), element.tag


@pytest.mark.parametrize("name", _named("permissionset"))
def test_permission_sets_name_what_is_there(name):
    root = _named("permissionset")[name]
    fields = _texts(root, "fieldPermissions/field")

    for object_name, field in (each.split(".") for each in fields):
        assert field in SCHEMA.objects[object_name].fields, f"{object_name}.{field}"
        # Salesforce refuses to deploy permissions on a field that is required.
        assert SCHEMA.objects[object_name].fields[field].permissionable
    assert len(fields) == len(set(fields))
    assert set(_texts(root, "objectPermissions/object")) <= set(SCHEMA.objects)
    assert set(_texts(root, "customPermissions/name")) <= set(_named("customPermission"))
    assert set(_texts(root, "tabSettings/tab")) <= set(_named("tab"))


def test_an_object_of_our_own_has_a_tab_and_a_layout_with_all_its_fields():
    (layout,) = (root for name, root in _named("layout").items() if name.startswith(f"{LOG}-"))
    shown = _texts(layout, "layoutSections/layoutColumns/layoutItems/field")

    assert LOG in _named("tab")
    assert len(shown) == len(set(shown))
    assert set(shown) <= set(SCHEMA.objects[LOG].fields)
    assert set(shown) >= LOG_FIELDS


def test_list_views_and_compact_layouts_name_fields_of_their_object():
    for kind, paths in {"listView": ("columns", "filters/field"), "compactLayout": ("fields",)}.items():
        for file in METADATA.glob(f"objects/*/*/*.{kind}-meta.xml"):
            named = {STANDARD_COLUMNS.get(each, each) for path in paths for each in _texts(_read(file), path)}
            assert named <= set(SCHEMA.objects[file.parents[1].name].fields), file.name


def test_the_object_names_a_compact_layout_and_search_fields_that_are_there():
    root = _named("object")[LOG]

    assert root.findtext("compactLayoutAssignment") in _named("compactLayout")
    assert {element.text for element in root.find("searchLayouts")} <= set(SCHEMA.objects[LOG].fields)


def test_filters_of_list_views_compare_with_values_of_the_picklist():
    words = {entry.value for entry in SCHEMA.objects[LOG].fields["Status__c"].picklist_values}
    for view in _named("listView", f"objects/{LOG}/**").values():
        for each in view.findall("filters"):
            if each.findtext("field") == "Status__c":
                assert each.findtext("value") in words


def test_every_source_with_a_route_has_its_list_of_errors():
    filtered = {
        each.findtext("value")
        for view in _named("listView").values()
        for each in view.findall("filters")
        if each.findtext("field") == "Source_System__c"
    }

    assert filtered == {route.source for route in load_route_models().values()}


def test_the_error_log_has_the_fields_that_others_rely_on():
    fields = SCHEMA.objects[LOG].fields
    own = {name for name in fields if name.endswith("__c")}
    status, key = fields["Status__c"], fields["Correlation_Id__c"]

    assert own == LOG_FIELDS
    assert [entry.value for entry in status.picklist_values] == ["Pending", "Retrying", "Resolved", "Abandoned"]
    assert status.restricted_picklist
    assert (key.external_id, key.unique, key.case_sensitive) == (True, True, True)
    assert key.length >= len(correlation_id("source", "event"))
    assert fields["Name"].auto_number


def test_people_set_the_status_of_an_error_and_nothing_else():
    root = _named("permissionset")["Lockstep_Operations"]
    editable = {
        each.findtext("field") for each in root.findall("fieldPermissions") if each.findtext("editable") == "true"
    }
    (access,) = root.findall("objectPermissions")

    assert editable == {f"{LOG}.Status__c"}
    assert set(_texts(root, "fieldPermissions/field")) == {f"{LOG}.{name}" for name in LOG_FIELDS}
    assert [access.findtext(name) for name in ("allowCreate", "allowDelete", "allowEdit", "allowRead")] == [
        *("false", "false", "true", "true")
    ]


def test_the_integration_user_writes_the_log_and_deletes_nothing_in_it():
    root = _named("permissionset")["Lockstep_Integration"]
    (access,) = (each for each in root.findall("objectPermissions") if each.findtext("object") == LOG)

    assert [access.findtext(name) for name in ("allowCreate", "allowDelete", "allowEdit", "allowRead")] == [
        *("true", "false", "true", "true")
    ]
