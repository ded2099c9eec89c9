"""What Salesforce's error answers mean: its code decides, then the status; never the text.

Three codes say too little, and there are words in their texts that are not translated: a governor limit inside Apex is
told by the name of Apex's class, the limit of calls at once by its API name, a stale write by the token in our own
validation rule's message.
"""

from http import HTTPStatus
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceError

from lockstep.domain.bulk_results import row_error
from lockstep.domain.failures import FailureKind, SyncError

STALE_TOKEN = "LOCKSTEP_STALE_VERSION"  # noqa: S105 - a word in the message of the validation rules in salesforce/
_GOVERNOR_CLASS = "System.LimitException"
# Salesforce, "Status Codes and Error Responses" and SOAP API "StatusCode": an `errorCode` of a call, a `statusCode` of
# a row; "Bulk API 2.0 Error Codes", which a job's `errorMessage` begins with as InvalidBatch, and a call answers as
# INVALIDBATCH.
KIND_BY_CODE: dict[str, FailureKind] = {
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": FailureKind.ROW_LOCKED,  # the row itself was not at fault
    "API_CURRENTLY_DISABLED": FailureKind.PERMISSION_DENIED,
    "API_DISABLED_FOR_ORG": FailureKind.CREDENTIALS_REJECTED,
    "CANNOT_EXECUTE_FLOW_TRIGGER": FailureKind.AUTOMATION_FAILED,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": FailureKind.AUTOMATION_FAILED,
    "CLIENTINPUTERROR": FailureKind.ROUTE_BROKEN,  # a job's rows, or the wish for a job: as the route says
    "DUPLICATES_DETECTED": FailureKind.RECORD_DUPLICATE,
    "DUPLICATE_EXTERNAL_ID": FailureKind.EXTERNAL_ID_AMBIGUOUS,
    "DUPLICATE_VALUE": FailureKind.UNIQUE_VALUE_RACE,
    "ENTITY_IS_DELETED": FailureKind.RECORD_DELETED,
    "ENTITY_IS_LOCKED": FailureKind.RECORD_INVALID,
    "EXCEEDEDQUOTA": FailureKind.ORG_LIMIT_EXCEEDED,  # of Bulk rows or batches in 24 hours
    "EXCEEDED_ID_LIMIT": FailureKind.UNEXPECTED,
    "FEATURENOTENABLED": FailureKind.PERMISSION_DENIED,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": FailureKind.RECORD_INVALID,
    "FIELD_FILTER_VALIDATION_EXCEPTION": FailureKind.RECORD_INVALID,
    "FIELD_INTEGRITY_EXCEPTION": FailureKind.RECORD_INVALID,
    "FUNCTIONALITY_NOT_ENABLED": FailureKind.PERMISSION_DENIED,
    "INACTIVE_OWNER_OR_USER": FailureKind.RECORD_INVALID,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": FailureKind.PERMISSION_DENIED,
    "INSUFFICIENT_ACCESS_OR_READONLY": FailureKind.PERMISSION_DENIED,
    "INTERNALSERVERERROR": FailureKind.BULK_JOB_FAILED,
    "INVALIDBATCH": FailureKind.ROUTE_BROKEN,  # the header of a job's rows
    "INVALIDENTITY": FailureKind.ROUTE_BROKEN,  # an object that Bulk does not take
    "INVALIDJOB": FailureKind.ROUTE_BROKEN,
    "INVALIDJOBSTATE": FailureKind.JOB_STATE_CHANGED,
    "INVALIDOPERATION": FailureKind.ROUTE_BROKEN,
    "INVALIDSESSIONID": FailureKind.SESSION_EXPIRED,
    "INVALIDURL": FailureKind.UNEXPECTED,
    "INVALIDUSER": FailureKind.PERMISSION_DENIED,
    "INVALID_AUTH_HEADER": FailureKind.SESSION_EXPIRED,
    "INVALID_CROSS_REFERENCE_KEY": FailureKind.PARENT_MISSING,
    "INVALID_EMAIL_ADDRESS": FailureKind.RECORD_INVALID,
    "INVALID_FIELD": FailureKind.FIELD_UNKNOWN,  # or a parent is missing: the caller looks
    "INVALID_FIELD_FOR_INSERT_UPDATE": FailureKind.FIELD_UNKNOWN,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": FailureKind.RECORD_INVALID,
    "INVALID_QUERY_LOCATOR": FailureKind.UNEXPECTED,  # a new query is made at the next try
    "INVALID_SESSION_ID": FailureKind.SESSION_EXPIRED,
    "INVALID_TYPE": FailureKind.FIELD_UNKNOWN,
    "INVALID_TYPE_ON_FIELD_IN_RECORD": FailureKind.RECORD_INVALID,
    "JSON_PARSER_ERROR": FailureKind.RECORD_INVALID,
    "LIMIT_EXCEEDED": FailureKind.ORG_LIMIT_EXCEEDED,
    "MALFORMED_ID": FailureKind.RECORD_INVALID,
    "MALFORMED_QUERY": FailureKind.UNEXPECTED,
    "MATCH_PRECONDITION_FAILED": FailureKind.UNEXPECTED,
    "MATCH_PRECONDITION_REQUIRED": FailureKind.UNEXPECTED,
    "METHODNOTALLOWED": FailureKind.UNEXPECTED,
    "METHOD_NOT_ALLOWED": FailureKind.UNEXPECTED,
    "MISSING_ARGUMENT": FailureKind.RECORD_INVALID,
    "NOTFOUND": FailureKind.UNEXPECTED,
    "NOT_FOUND": FailureKind.FIELD_UNKNOWN,  # of an upsert: the object or its External ID field
    "NUMBER_OUTSIDE_VALID_RANGE": FailureKind.RECORD_INVALID,
    "OP_WITH_INVALID_USER_TYPE_EXCEPTION": FailureKind.PERMISSION_DENIED,
    "PROCESSING_HALTED": FailureKind.ROW_LOCKED,  # another of its call failed
    "QUERY_TIMEOUT": FailureKind.ORG_UNAVAILABLE,
    "REQUEST_LIMIT_EXCEEDED": FailureKind.API_LIMIT_EXCEEDED,
    "REQUIRED_FIELD_MISSING": FailureKind.RECORD_INVALID,
    "SERVER_UNAVAILABLE": FailureKind.ORG_UNAVAILABLE,
    "STORAGE_LIMIT_EXCEEDED": FailureKind.STORAGE_FULL,
    "STRING_TOO_LONG": FailureKind.RECORD_INVALID,
    "TIMEOUT": FailureKind.BULK_JOB_FAILED,
    "TOOMANYLOCKFAILURE": FailureKind.ROW_LOCKED,
    "TXN_SECURITY_METERING_ERROR": FailureKind.ORG_UNAVAILABLE,
    "TXN_SECURITY_NO_ACCESS": FailureKind.PERMISSION_DENIED,
    "UNABLE_TO_LOCK_ROW": FailureKind.ROW_LOCKED,
    "UNKNOWN": FailureKind.BULK_JOB_FAILED,
    "UNKNOWN_EXCEPTION": FailureKind.OUTCOME_UNKNOWN,
    "UNSUPPORTED_MEDIA_TYPE": FailureKind.UNEXPECTED,
}

_EDGE_CANNOT_ROUTE = 420  # Salesforce's own status
_KIND_BY_STATUS: dict[int, FailureKind] = {
    HTTPStatus.MULTIPLE_CHOICES: FailureKind.EXTERNAL_ID_AMBIGUOUS,
    HTTPStatus.UNAUTHORIZED: FailureKind.SESSION_EXPIRED,
    HTTPStatus.REQUEST_TIMEOUT: FailureKind.OUTCOME_UNKNOWN,
    _EDGE_CANNOT_ROUTE: FailureKind.ORG_UNAVAILABLE,
    HTTPStatus.TOO_MANY_REQUESTS: FailureKind.ORG_UNAVAILABLE,
    HTTPStatus.INTERNAL_SERVER_ERROR: FailureKind.OUTCOME_UNKNOWN,
    HTTPStatus.BAD_GATEWAY: FailureKind.ORG_UNAVAILABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: FailureKind.ORG_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: FailureKind.OUTCOME_UNKNOWN,
}


def of_call(status: int, body: object) -> SyncError:
    """Name the failure of a whole call.

    Args:
        status: 300 or above.
        body: Parsed JSON, where it was JSON; Salesforce Edge answers in HTML or not at all.
    """
    code, message = _first_text(body, "errorCode"), _first_text(body, "message")
    kind = _kind(code, message) or _KIND_BY_STATUS.get(status, FailureKind.UNEXPECTED)
    detail = f"Salesforce answered {status} {code or 'without an error code'}"
    return SyncError(kind, detail, error_code=code, vendor_message=message)


def of_row(errors: object) -> SyncError:
    """Name the failure of one record of a Collections call, from its `errors`."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code, message = str(first.get("statusCode", "")) or None, _first_text(errors, "message")
    fields = first.get("fields")
    named = ", ".join(str(each) for each in fields) if isinstance(fields, list) and fields else "no field named"
    kind = _kind(code, message) or FailureKind.UNEXPECTED
    detail = f"Salesforce refused the record: {code} ({named})"
    return SyncError(kind, detail, error_code=code, vendor_message=message)


def of_bulk_row(text: str) -> SyncError:
    """Name the failure of one row of an ingest job, from its `sf__Error`."""
    found = row_error(text)
    kind = _kind(found.code, found.message) or FailureKind.UNEXPECTED
    named = ", ".join(found.fields) or "no field named"
    detail = f"Salesforce refused the record: {found.code} ({named})"
    return SyncError(kind, detail, error_code=found.code, vendor_message=found.message)


def of_job(error_message: str) -> SyncError:
    """Name why an ingest job failed, from its `errorMessage`: `InvalidBatch : Field name not found : X`."""
    name, _, message = error_message.partition(" : ")
    code = name.strip()
    kind = KIND_BY_CODE.get(code.upper(), FailureKind.BULK_JOB_FAILED)
    detail = f"the ingest job failed: {code or 'without a reason'}"
    return SyncError(kind, detail, error_code=code or None, vendor_message=message.strip() or None)


def of_exception(error: Exception) -> SyncError:
    """Name the failure that simple-salesforce or requests raised."""
    if isinstance(error, SalesforceError):
        status = error.status if isinstance(error.status, int) else 0
        return of_call(status, error.content)
    if isinstance(error, requests.ConnectTimeout) or was_refused(error):
        return SyncError(FailureKind.ORG_UNAVAILABLE, "the org cannot be reached", error_code=type(error).__name__)
    return SyncError(
        FailureKind.OUTCOME_UNKNOWN,
        "the connection to the org broke before it answered",
        error_code=type(error).__name__,
    )


def _kind(code: str | None, message: str | None) -> FailureKind | None:
    if code == "REQUEST_LIMIT_EXCEEDED" and _names_concurrent_limit(message):
        return FailureKind.CONCURRENT_LIMIT_EXCEEDED
    if code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" and _GOVERNOR_CLASS in (message or ""):
        return FailureKind.GOVERNOR_LIMIT
    if code == "FIELD_CUSTOM_VALIDATION_EXCEPTION" and STALE_TOKEN in (message or ""):
        return FailureKind.STALE_VERSION
    return KIND_BY_CODE.get(code or "")


def _first_text(body: object, name: str) -> str | None:
    first: Any = body[0] if isinstance(body, list) and body else body
    text = first.get(name) if isinstance(first, dict) else None
    return text if isinstance(text, str) else None


def _names_concurrent_limit(message: str | None) -> bool:
    """Tell the limit of calls at once from that of a day: they share a code, and the first word names the limit.

    ConcurrentRequests, ConcurrentPerOrgLongTxn; TotalRequests. It is the limit's API name and never translated.
    """
    return (message or "").lstrip().startswith("Concurrent")


def was_refused(error: Exception) -> bool:
    """True where no byte of the request can have arrived."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError")
