"""The describe answers of the REST API: all objects, one object's summary, and one object with its fields."""

from collections.abc import Iterator
from typing import Any

from local.org.describe_fields import field_describe
from local.org.record_types import record_type_infos
from local.org.schema import FieldSchema, ObjectSchema, Schema

_MAX_BATCH_SIZE = 200
_MERGED_INTO = "MasterRecord"
_CAPABILITIES = (
    *("createable", "deepCloneable", "deletable", "feedEnabled", "layoutable", "mergeable", "mruEnabled"),
    *("queryable", "replicateable", "retrieveable", "searchable", "triggerable", "undeletable", "updateable"),
)


def global_describe(schema: Schema, version: str) -> dict[str, Any]:
    """Return the summary of every object by name; `version` is a number with its decimal, as in `66.0`."""
    items = [sobject_item(each, version) for _, each in sorted(schema.objects.items())]
    return {"encoding": "UTF-8", "maxBatchSize": _MAX_BATCH_SIZE, "sobjects": items}


def sobject_item(object_schema: ObjectSchema, version: str) -> dict[str, Any]:
    """Return an object's summary, with its keys in the API's order."""
    item = {
        **_nature(object_schema),
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "deprecatedAndHidden": False,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "urls": _summary_urls(object_schema, version),
    }
    return dict(sorted(item.items()))


def object_describe(schema: Schema, object_schema: ObjectSchema, version: str) -> dict[str, Any]:
    """Return an object's whole describe; `schema` tells which other objects refer to it."""
    base = _path(object_schema, version)
    describe = {
        **sobject_item(object_schema, version),
        "actionOverrides": [],
        "childRelationships": list(_child_relationships(schema, object_schema.name)),
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [field_describe(each) for each in object_schema.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": record_type_infos(object_schema, base),
        "searchLayoutable": "searchable" in object_schema.capabilities,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": _scopes(object_schema),
    }
    describe["urls"] = {**_summary_urls(object_schema, version), **_page_urls(object_schema)}
    return dict(sorted(describe.items()))


def _nature(object_schema: ObjectSchema) -> dict[str, Any]:
    facts: dict[str, Any] = {word: word in object_schema.capabilities for word in _CAPABILITIES}
    return facts | {
        "custom": object_schema.custom,
        "customSetting": object_schema.custom_setting,
        "keyPrefix": object_schema.key_prefix,
        "label": object_schema.label,
        "labelPlural": object_schema.label_plural,
        "name": object_schema.name,
    }


def _path(object_schema: ObjectSchema, version: str) -> str:
    return f"/services/data/v{version.removeprefix('v')}/sobjects/{object_schema.name}"


def _summary_urls(object_schema: ObjectSchema, version: str) -> dict[str, str]:
    base = _path(object_schema, version)
    urls = {"rowTemplate": f"{base}/{{ID}}", "describe": f"{base}/describe", "sobject": base}
    if "layoutable" not in object_schema.capabilities:
        return urls
    return {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "listviews": f"{base}/listviews",
        "quickActions": f"{base}/quickActions",
        "layouts": f"{base}/describe/layouts",
        **urls,
    }


def _page_urls(object_schema: ObjectSchema) -> dict[str, str]:
    """Return the paths of the pages for people; an org states them with its own host before."""
    return {
        "uiDetailTemplate": "/{ID}",
        "uiEditTemplate": "/{ID}/e",
        "uiNewRecord": f"/{object_schema.key_prefix}/e",
    }


def _child_relationships(schema: Schema, name: str) -> Iterator[dict[str, Any]]:
    for _, child in sorted(schema.objects.items()):
        for field in child.fields.values():
            if name in field.reference_to and field.relationship_name != _MERGED_INTO:
                yield _child_relationship(child, field)


def _child_relationship(child: ObjectSchema, field: FieldSchema) -> dict[str, Any]:
    return {
        "cascadeDelete": field.cascade_delete,
        "childSObject": child.name,
        "deprecatedAndHidden": False,
        "field": field.name,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": field.child_relationship_name,
        "restrictedDelete": field.restricted_delete,
    }


def _scopes(object_schema: ObjectSchema) -> list[dict[str, str]]:
    plural = object_schema.label_plural.lower()
    return [{"label": f"All {plural}", "name": "everything"}, {"label": f"My {plural}", "name": "mine"}]
