"""The shipped routes name what the org's metadata and the sources' files have."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from local.org.describe import object_describe
from local.org.schema_loader import load_schema
from lockstep.domain.contract import check_route
from lockstep.domain.describes import read_describe
from lockstep.domain.routes import Mark, Route
from lockstep.domain.rules import ConstantRule
from lockstep.runtime.config_files import load_sources
from lockstep.runtime.route_files import load_route_models

ROOT = Path(__file__).parents[2]
METADATA = ROOT / "salesforce/force-app/main/default"
NAMESPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}

ROUTES = load_route_models()
SCHEMA = load_schema([ROOT / "salesforce"])
DESCRIBES = {
    name: read_describe(object_describe(SCHEMA, object_schema, "66.0"))
    for name, object_schema in SCHEMA.objects.items()
}
# Every record that a shipped route writes, the further ones by their place too.
RECORDS = {
    f"{name}:{place}" if place else name: record
    for name, route in ROUTES.items()
    for place, record in route.records.items()
}
# Known to their source and left to the company: a change of one waits for a person until there is a route.
UNROUTED = {("woocommerce", "product"), ("woocommerce", "coupon")}


def _field(route, name):
    return SCHEMA.objects[route.object_name].fields[name]


def _constants(route):
    constants = {name: rule.value for name, rule in route.fields.items() if isinstance(rule, ConstantRule)}
    marked = isinstance(route, Route) and isinstance(route.on_delete, Mark)
    return {**constants, **(route.on_delete.mark if marked else {})}


@pytest.mark.parametrize("name", ROUTES)
def test_shipped_route_fits_the_metadata_without_a_warning(name):
    assert check_route(name, ROUTES[name], DESCRIBES) == []


def test_parents_of_a_shipped_route_are_records_of_another_route_of_its_source():
    written = {
        (route.source, record.object_name, record.external_id.field)
        for route in ROUTES.values()
        for record in route.records.values()
    }
    referred = {
        (route.source, rule.to, rule.by)
        for route in ROUTES.values()
        for record in route.records.values()
        for rule in record.references.values()
    }

    assert referred <= written


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
