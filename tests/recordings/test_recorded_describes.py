"""The recorded describes beside ours: every key, every type, and every value that is the type's and not that org's."""

import json

import pytest

from local.org.describe import global_describe, object_describe
from local.org.schema_loader import load_schema
from tests.recordings.known import DESCRIBE_DIFFERENCES, GLOBAL_DIFFERENCES
from tests.recordings.shapes import differences

NAMES = ["account", "case", "contact", "lead", "opportunity"]
# Of these, keys and types count: what they list is each org's own.
_LISTS = ("actionOverrides", "recordTypeInfos", "supportedScopes", "urls")
_OWN_LISTS = frozenset({"childRelationships", "fields", *_LISTS})


@pytest.fixture(scope="module")
def schema():
    return load_schema([])


def recorded(recordings, name):
    return json.loads((recordings / "describes" / f"describe_{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_describe_is_as_it_was_recorded_but_for_the_known_differences(recordings, schema, name):
    before = recorded(recordings, name)
    ours = object_describe(schema, schema.objects[before["name"]], "66.0")

    found = {
        *_of_object(before, ours),
        *_of_fields(_by_name(before["fields"]), _by_name(ours["fields"])),
        *_of_children(schema, before, ours),
    }

    known = {
        each.removeprefix(f"{before['name']} ") for each in DESCRIBE_DIFFERENCES if each.split()[0] == before["name"]
    }
    assert sorted(found - known) == [], "new differences"
    assert sorted(known - found) == [], "differences that are gone"


def test_the_global_describe_is_as_it_was_recorded_but_for_the_known_differences(recordings, schema):
    before, ours = recorded(recordings, "global"), global_describe(schema, "52.0")
    ours_by_name = _by_name(ours["sobjects"])
    shared = [each for each in before["sobjects"] if each["name"] in ours_by_name]
    mine = [ours_by_name[each["name"]] for each in shared]

    found = set(differences({**before, "sobjects": shared}, {**ours, "sobjects": mine}))
    for old, new in zip(shared, mine, strict=True):
        found |= {f"{old['name']}.{key}: {old[key]!r}, ours {new[key]!r}" for key in _values_apart(old, new)}

    assert len(shared) == 8
    assert sorted(found - set(GLOBAL_DIFFERENCES)) == [], "new differences"
    assert sorted(set(GLOBAL_DIFFERENCES) - found) == [], "differences that are gone"


def _values_apart(old, new):
    return [key for key in old.keys() & new.keys() - {"urls"} if old[key] != new[key]]


def _by_name(listed):
    return {each["name"]: each for each in listed}


def _of_object(before, ours):
    yield from (f"{key}: only ours" for key in ours.keys() - before.keys())
    yield from (f"{key}: only recorded" for key in before.keys() - ours.keys())
    for key in (before.keys() & ours.keys()) - _OWN_LISTS:
        if before[key] != ours[key]:
            yield f"{key}: {before[key]!r}, ours {ours[key]!r}"
    for key in _LISTS:
        yield from differences({key: before[key]}, {key: ours[key]})


def _of_fields(before, ours):
    yield from (f"field {name}: only recorded" for name in before.keys() - ours.keys())
    yield from (f"field {name}: only ours" for name in ours.keys() - before.keys())
    for name in before.keys() & ours.keys():
        old, new = before[name], ours[name]
        yield from (f"field {name}: {key} on one side only" for key in old.keys() ^ new.keys())
        for key in (old.keys() & new.keys()) - {"picklistValues"}:
            if old[key] != new[key]:
                yield f"field {name}: {key} {old[key]!r}, ours {new[key]!r}"
        if old["picklistValues"] and new["picklistValues"]:
            yield from (f"field {name}: {each}" for each in differences(old["picklistValues"], new["picklistValues"]))


def _of_children(schema, before, ours):
    """The relationships from objects that both orgs have."""
    told = {(each["childSObject"], each["field"]): each for each in ours["childRelationships"]}
    for each in before["childRelationships"]:
        child = schema.objects.get(each["childSObject"])
        if child is not None and child.find(each["field"]) is not None:
            mine = told.get((each["childSObject"], each["field"]))
            if mine != each:
                yield f"child {each['childSObject']}.{each['field']}: {each!r}, ours {mine!r}"
