"""What a row is answered: written, refused, or rolled back with its neighbours."""

from typing import Any

from local.org.errors import RowError
from local.org.events import enqueued, is_event_id

Result = dict[str, Any]

_ROLLED_BACK = (
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
)


def id_in_body() -> RowError:
    """Return the refusal of a create that names its own id."""
    return RowError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")


def saved(record_id: str) -> Result:
    """Return the result of a row that was written."""
    return {"id": record_id, "success": True, "errors": [enqueued(record_id)] if is_event_id(record_id) else []}


def upserted(record_id: str, *, created: bool) -> Result:
    """Return the result of a row that was upserted."""
    return {"id": record_id, "success": True, "errors": [], "created": created}


def failed(error: RowError, *, upsert: bool = False) -> Result:
    """Return the result of a refused row."""
    reasons = [{"statusCode": e.status_code, "message": e.message, "fields": list(e.fields)} for e in error.all]
    result: Result = {"success": False, "errors": reasons}
    return {**result, "created": False} if upsert else result


def rolled_back(result: Result) -> Result:
    """Return the result of a row that was good in a call that was not; `created` as jsforce's live test saw it."""
    if not result["success"]:
        return result
    message, code = _ROLLED_BACK
    rest = {"created": True} if "created" in result else {}
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}], **rest}
