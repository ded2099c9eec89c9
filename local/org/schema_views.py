"""Versions, resources and describes: what a client may learn of the org before it works."""

from local.org import record_types
from local.org.describe import global_describe, object_describe, sobject_item
from local.org.errors import not_found
from local.org.messages import Answer
from local.org.preconditions import metadata_answer
from local.org.record_views import table_named
from local.org.routing import Context

OLDEST_VERSION, NEWEST_VERSION = 40, 66
_SEASONS = ("Spring", "Summer", "Winter")
_SPRING_14 = 30  # v30.0 was Spring '14; three releases a year since


def versions() -> list[dict[str, str]]:
    """Return the body of GET /services/data, oldest first."""
    numbers = range(OLDEST_VERSION, NEWEST_VERSION + 1)
    return [{"label": _label(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in numbers]


def _label(version: int) -> str:
    years, season = divmod(version - _SPRING_14, 3)
    return f"{_SEASONS[season]} '{14 + years + (season == 2)}"


def list_resources(context: Context) -> Answer:
    """Answer GET /services/data/vXX.0."""
    names = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")
    organization, user = context.org.settings.organization_id, context.org.user_id
    identity = f"{context.request.origin}/id/{organization}/{user}"
    return Answer(value={name: f"{context.base}/{name}" for name in names} | {"identity": identity})


def describe_global(context: Context) -> Answer:
    """Answer GET sobjects."""
    return metadata_answer(
        context.request, global_describe(context.org.schema, context.version), context.org.metadata_changed_s
    )


def describe_object(context: Context) -> Answer:
    """Answer GET sobjects/{object}/describe."""
    schema = table_named(context, context.names["object"]).schema
    described = object_describe(context.org.schema, schema, context.version)
    return metadata_answer(context.request, described, context.org.metadata_changed_s)


def picklist_values(context: Context) -> Answer:
    """Answer GET ui-api/object-info/{object}/picklist-values/{record_type}."""
    schema, type_id = table_named(context, context.names["object"]).schema, context.names["record_type"]
    path = f"{context.base}/ui-api/object-info/{schema.name}/picklist-values/{type_id}"
    values = record_types.picklist_values(schema, type_id, path)
    if values is None:
        raise not_found()
    return Answer(value=values)


def basic_information(context: Context) -> Answer:
    """Answer GET sobjects/{object}."""
    schema = table_named(context, context.names["object"]).schema
    return Answer(value={"objectDescribe": sobject_item(schema, context.version), "recentItems": []})
