"""The schema as a user with certain permission sets sees it: what may not be read is not there."""

from collections.abc import Mapping
from dataclasses import replace

from local.org.access.grants import Grants
from local.org.schema import FieldSchema, ObjectSchema, Schema
from local.org.special_objects import METADATA_SUFFIX

# These have no permissions of their own: who may work with the other may work with them.
_SAME_AS: Mapping[str, str] = {"OrderItem": "Order", "PricebookEntry": "Pricebook2"}
# Everybody reads these, whom permission sets make an API user.
_OPEN = frozenset({"Group", "Organization", "Profile", "RecordType", "Task", "User"})


def as_seen_by(schema: Schema, grants: Grants) -> Schema:
    """Return the schema without what the grants do not give."""
    seen = {}
    for name, home in schema.objects.items():
        if _is_open(home):
            seen[name] = home
        elif (given := _given(name, grants)) & {"queryable", "retrieveable", "createable"}:
            seen[name] = _limited(home, given, grants)
    return replace(schema, objects=seen)


def hidden(home: ObjectSchema) -> ObjectSchema:
    """Return an object of which nothing may be seen or done."""
    return replace(home, capabilities=frozenset(), denied=home.capabilities)


def _is_open(home: ObjectSchema) -> bool:
    return home.name in _OPEN or home.custom_setting or home.name.endswith(METADATA_SUFFIX)


def _given(name: str, grants: Grants) -> frozenset[str]:
    return grants.every_object | grants.objects.get(_SAME_AS.get(name, name), frozenset())


_GOVERNED = frozenset({"queryable", "retrieveable", "createable", "updateable", "deletable", "undeletable"})


def _limited(home: ObjectSchema, given: frozenset[str], grants: Grants) -> ObjectSchema:
    denied = home.capabilities & _GOVERNED - given
    fields = {
        name: limited for name, field in home.fields.items() if (limited := _field(home, field, grants)) is not None
    }
    return replace(home, fields=fields, capabilities=home.capabilities - denied, denied=denied)


def _field(home: ObjectSchema, field: FieldSchema, grants: Grants) -> FieldSchema | None:
    """Return the field as it is seen, None where it is not; a compound field's permission is that of its parts."""
    if not field.permissionable:
        return field
    names = {f"{home.name}.{field.name}", f"{home.name}.{field.compound_field_name}"}
    if names & grants.editable:
        return field
    if names & grants.readable or home.name in grants.objects_read_whole:
        return replace(field, createable=False, updateable=False)
    return None
