"""The shipped routes name what the org's metadata and the sources' files have."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local.org.schema_loader import load_schema
from lockstep.domain.routes import Mark, Route
from lockstep.domain.rules import (
    AddressRule,
    ConstantRule,
    LookupRule,
    NumberRule,
    PicklistRule,
    TextRule,
)
from lockstep.runtime.config_files import load_sources
from lockstep.runtime.route_files import load_route_models

ROOT = Path(__file__).parents[2]
METADATA = ROOT / "salesforce/force-app/main/default"
NAMESPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}
TYPES = {
    "text": {"string", "textarea", "email", "phone", "url"},
    "number": {"double", "currency", "int", "percent"},
    "boolean": {"boolean"},
    "date": {"date"},
    "datetime": {"datetime"},
    "picklist": {"picklist"},
    "reference": {"reference"},
    "lookup": {"reference"},
    "email": {"email"},
    "address": {"string", "textarea"},
}
TYPES_OF_CONSTANTS = {bool: {"boolean"}, int: {"double", "currency", "int"}, str: {"string", "textarea", "picklist"}}

ROUTES = load_route_models()
SCHEMA = load_schema([ROOT / "salesforce"])
# Every record that a shipped route writes, the further ones by their place too.
RECORDS = {
    f"{name}:{place}" if place else name: record
    for name, route in ROUTES.items()
    for place, record in route.records.items()
}
RULES = [
    (name, field, written)
    for name, record in RECORDS.items()
    for field in record.fields
    for written in record.written_by(field)
]
each_record = pytest.mark.parametrize("route", RECORDS.values(), ids=RECORDS)
# Known to their source and left to the company: a change of one waits for a person until there is a route.
UNROUTED = {("woocommerce", "product"), ("woocommerce", "coupon")}


def _field(route, name):
    found = SCHEMA.objects[route.object_name].fields.get(name)
    assert found, f"{route.object_name}.{name} is neither a standard field nor in salesforce/"
    return found


def _constants(route):
    constants = {name: rule.value for name, rule in route.fields.items() if isinstance(rule, ConstantRule)}
    marked = isinstance(route, Route) and isinstance(route.on_delete, Mark)
    return {**constants, **(route.on_delete.mark if marked else {})}


@pytest.mark.parametrize(("name", "field_name", "written"), RULES)
def test_field_of_a_shipped_route_can_be_written_and_has_the_type(name, field_name, written):
    rule, field = RECORDS[name].fields[field_name], _field(RECORDS[name], written)

    assert field.createable
    assert field.updateable or rule.create_only
    if not isinstance(rule, ConstantRule):
        assert field.type in TYPES[rule.type]


@each_record
def test_constants_of_a_shipped_route_fit_their_fields(route):
    for name, value in _constants(route).items():
        field = _field(route, name)
        assert field.type in TYPES_OF_CONSTANTS[type(value)]
        if field.type == "picklist":
            assert value in {each.value for each in field.picklist_values if each.active}


@each_record
def test_texts_and_numbers_of_a_shipped_route_fit_their_fields(route):
    for name, rule in route.fields.items():
        if isinstance(rule, AddressRule):
            continue
        field = _field(route, name)
        if isinstance(rule, TextRule):
            assert rule.max_length is not None
            assert rule.max_length <= field.length, name
        if isinstance(rule, NumberRule):
            # An int field has no precision in its describe, but digits.
            whole = field.digits if field.type == "int" else field.precision - field.scale
            assert (rule.precision - rule.scale, rule.scale) <= (whole, field.scale), name


@each_record
def test_value_tables_of_a_shipped_route_name_values_of_the_org(route):
    for name, rule in route.fields.items():
        if isinstance(rule, PicklistRule):
            values = {each.value for each in _field(route, name).picklist_values if each.active}
            assert {*rule.values.values(), *([rule.default] if rule.default else [])} <= values


@each_record
def test_records_are_found_by_a_unique_external_id_with_room_for_the_key(route):
    field = _field(route, route.external_id.field)

    assert field.external_id
    assert field.unique
    assert field.case_sensitive
    assert field.type == "string"


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
def test_version_field_holds_every_version(route):
    field = _field(route, route.version_field)

    assert (field.type, field.precision, field.scale) == ("double", 18, 0)


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
def test_references_of_a_shipped_route_find_the_records_of_another(route):
    written = {
        (each.source, record.object_name, record.external_id.field)
        for each in ROUTES.values()
        for record in each.records.values()
    }
    for record in route.records.values():
        for name, rule in record.references.items():
            assert rule.to in _field(record, name).reference_to
            assert (route.source, rule.to, rule.by) in written


@each_record
def test_lookups_of_a_shipped_route_match_fields_of_the_org(route):
    for name, rule in route.fields.items():
        if isinstance(rule, LookupRule):
            assert rule.object_name in _field(route, name).reference_to
            assert all(_is_field(rule.object_name, path.split(".")) for path in rule.match)


def _is_field(object_name, steps):
    fields = SCHEMA.objects[object_name].fields.values()
    if len(steps) == 1:
        return steps[0] in {field.name for field in fields}
    parent = next(field for field in fields if field.relationship_name == steps[0])
    return _is_field(parent.reference_to[0], steps[1:])


@each_record
def test_fields_that_the_org_requires_are_never_empty(route):
    for field in SCHEMA.objects[route.object_name].fields.values():
        if field.required_on_create or field.required_by_platform:
            rule = route.fields[field.name]
            assert isinstance(rule, ConstantRule) or rule.required, field.name


def test_every_entity_of_the_routes_comes_from_a_source_and_the_other_way_round():
    routed = {(route.source, route.entity) for route in ROUTES.values()}
    sent = {(name, event.entity) for name, source in load_sources().items() for event in source.events}

    assert routed <= sent
    assert {entity for entity in sent if entity[0] in {source for source, _ in routed}} - routed == UNROUTED


def _permissions(entry, *keys):
    tree = ET.parse(METADATA / "permissionsets/Lockstep_Integration.permissionset-meta.xml")
    return {
        tuple(node.findtext(f"m:{key}", namespaces=NAMESPACE) for key in keys)
        for node in tree.findall(f"m:{entry}", NAMESPACE)
    }


def test_permission_set_lets_the_integration_user_write_every_field_of_the_routes_and_the_metadata():
    granted = {
        field
        for field, *can in _permissions("fieldPermissions", "field", "readable", "editable")
        if can == ["true"] * 2
    }
    in_metadata = {
        f"{path.parents[1].name}.{path.name.removesuffix('.field-meta.xml')}"
        for path in METADATA.glob("objects/*/fields/*.field-meta.xml")
    }
    needed = {
        f"{route.object_name}.{field.compound_field_name or field.name}"
        for route in RECORDS.values()
        for field in (_field(route, name) for name in [*route.written_fields, *_constants(route)])
        if field.permissionable and not field.required_on_create and not field.required_by_platform
    }

    assert in_metadata <= granted
    # The name of a person is visible to everybody who sees the contact.
    assert needed <= granted | {"Contact.Name"}


def test_permission_set_lets_the_integration_user_write_and_delete_the_objects_of_the_routes():
    keys = ("object", "allowCreate", "allowDelete", "allowEdit", "allowRead")
    granted = {name for name, *can in _permissions("objectPermissions", *keys) if can == ["true"] * 4}

    # The items of an order go with the order: a permission set has no entry for them.
    assert {record.object_name for record in RECORDS.values()} - {"OrderItem"} <= granted
