"""The last fence: where a route keeps a version, the org itself refuses an older one."""

from pathlib import Path

import pytest

from local.org.clock import OrgClock
from local.org.formulas import Scene
from local.org.history import History
from local.org.schema_loader import load_schema
from local.org.store import Store
from lockstep.runtime.route_files import load_route_models

ROOT = Path(__file__).parents[2]
TOKEN = "LOCKSTEP_STALE_VERSION"
OVERRIDE = "Lockstep_Version_Override"
MOST_CHARACTERS = 255  # of a validation rule's message

SCHEMA = load_schema([ROOT / "salesforce"])
STORE = Store(SCHEMA, History(OrgClock(), is_kept=False))
VERSIONED = sorted(
    {
        (record.object_name, field)
        for route in load_route_models().values()
        for record in route.records.values()
        if (field := getattr(record, "version_field", None))
    }
)
each_version = pytest.mark.parametrize(("object_name", "field"), VERSIONED)


def _rules(object_name, field):
    return [rule for rule in SCHEMA.validation_rules.get(object_name, ()) if rule.display_field == field]


def _is_refused(object_name, field, save, permissions=frozenset()):
    before, after = save
    prior = None if before == "new" else _record(object_name, field, before)
    scene = Scene(_record(object_name, field, after), prior, STORE, OrgClock(), "", permissions)
    return any(rule.fires(scene) for rule in _rules(object_name, field))


def _record(object_name, field, version):
    table = STORE.table(object_name)
    record = table.blank()
    record.put(table.column(field).slot, version)
    return record


def test_the_routes_keep_versions():
    assert VERSIONED


@each_version
def test_every_version_of_the_routes_has_one_rule_with_the_token(object_name, field):
    (rule,) = _rules(object_name, field)

    assert rule.message.startswith(f"{TOKEN}: ")
    assert len(rule.message) <= MOST_CHARACTERS


@each_version
@pytest.mark.parametrize("save", [(5, 4), (5, None), (5, 0), (1_700_000_000_001, 1_700_000_000_000), (10**18 - 1, 1)])
def test_a_version_never_goes_back_and_is_never_blanked(object_name, field, save):
    assert _is_refused(object_name, field, save)


@each_version
@pytest.mark.parametrize("save", [("new", 5), ("new", None), (None, 5), (None, None), (5, 5), (5, 6), (0, 1)])
def test_first_equal_and_newer_versions_pass(object_name, field, save):
    assert not _is_refused(object_name, field, save)


@each_version
def test_a_person_with_the_override_may_repair_by_hand(object_name, field):
    assert not _is_refused(object_name, field, (5, 4), frozenset({OVERRIDE}))


def test_the_integration_user_does_not_have_the_override():
    holders = {name for name, permissions in SCHEMA.permission_sets.items() if OVERRIDE in permissions}

    assert holders == {"Lockstep_Data_Repair"}


def test_every_rule_of_the_metadata_is_enforced_by_the_local_org():
    assert not SCHEMA.refused_rules


def test_shipped_routes_say_that_the_org_refuses_what_its_rules_refuse():
    fenced = {(route.object_name, route.version_field) for route in load_route_models().values() if route.version_fence}

    assert fenced == {
        (route.object_name, route.version_field) for route in load_route_models().values() if route.version_field
    }
    assert fenced == {(name, field) for name, field in fenced if _rules(name, field)}


def test_no_version_field_of_the_metadata_lacks_its_rule():
    fields = {
        (name, field)
        for name, schema in SCHEMA.objects.items()
        for field in schema.fields
        if field.endswith("_Version__c")
    }

    assert fields == {
        (name, rule.display_field)
        for name, rules in SCHEMA.validation_rules.items()
        for rule in rules
        if TOKEN in rule.message
    }
