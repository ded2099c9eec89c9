"""The one list of what can go wrong, and what is done about each."""

from enum import StrEnum


class FailureKind(StrEnum):
    """Why something failed. A released value is never renamed: it is stored and counted."""

    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    SOURCE_UNKNOWN = "SOURCE_UNKNOWN"
    REQUEST_INVALID = "REQUEST_INVALID"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    DELIVERY_IN_PROGRESS = "DELIVERY_IN_PROGRESS"
    MESSAGE_INVALID = "MESSAGE_INVALID"
    ROUTE_MISSING = "ROUTE_MISSING"
    ROUTE_BROKEN = "ROUTE_BROKEN"
    MAPPING_FAILED = "MAPPING_FAILED"
    FIELD_LIMIT = "FIELD_LIMIT"
    CONFIGURATION_INVALID = "CONFIGURATION_INVALID"
    AWS_UNAVAILABLE = "AWS_UNAVAILABLE"
    CHAT_UNAVAILABLE = "CHAT_UNAVAILABLE"
    STALE_VERSION = "STALE_VERSION"
    SESSION_EXPIRED = "SESSION_EXPIRED"
    CREDENTIALS_REJECTED = "CREDENTIALS_REJECTED"
    SIGN_IN_BUSY = "SIGN_IN_BUSY"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    API_LIMIT_EXCEEDED = "API_LIMIT_EXCEEDED"
    ORG_LIMIT_EXCEEDED = "ORG_LIMIT_EXCEEDED"
    CONCURRENT_LIMIT_EXCEEDED = "CONCURRENT_LIMIT_EXCEEDED"
    ORG_UNAVAILABLE = "ORG_UNAVAILABLE"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    ROW_LOCKED = "ROW_LOCKED"
    UNIQUE_VALUE_RACE = "UNIQUE_VALUE_RACE"
    PARENT_MISSING = "PARENT_MISSING"
    RECORD_HELD = "RECORD_HELD"
    EARLIER_WRITE_UNSETTLED = "EARLIER_WRITE_UNSETTLED"
    OUT_OF_TIME = "OUT_OF_TIME"
    FIELD_UNKNOWN = "FIELD_UNKNOWN"
    RECORD_INVALID = "RECORD_INVALID"
    RECORD_DUPLICATE = "RECORD_DUPLICATE"
    RECORD_DELETED = "RECORD_DELETED"
    EXTERNAL_ID_AMBIGUOUS = "EXTERNAL_ID_AMBIGUOUS"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    AUTOMATION_FAILED = "AUTOMATION_FAILED"
    GOVERNOR_LIMIT = "GOVERNOR_LIMIT"
    STORAGE_FULL = "STORAGE_FULL"
    FILE_GONE = "FILE_GONE"
    JOB_STATE_CHANGED = "JOB_STATE_CHANGED"
    BULK_JOB_FAILED = "BULK_JOB_FAILED"
    BULK_JOB_ABORTED = "BULK_JOB_ABORTED"
    BULK_JOB_STUCK = "BULK_JOB_STUCK"
    ROWS_UNACCOUNTED = "ROWS_UNACCOUNTED"
    HANDLER_FAILED = "HANDLER_FAILED"
    UNEXPECTED = "UNEXPECTED"


class Disposition(StrEnum):
    """What is done about a failure."""

    REJECT = "REJECT"  # the sender is told, with a 4xx
    DISCARD = "DISCARD"  # done or obsolete: acknowledge
    RETRY = "RETRY"  # later, with backoff, while tries remain
    RETRY_SOON = "RETRY_SOON"  # in seconds: it heals by itself
    HALT = "HALT"  # the connection is broken, not the record: wait for the org
    PERSON = "PERSON"  # would fail the same way until somebody acts


DISPOSITIONS: dict[FailureKind, Disposition] = {
    FailureKind.SIGNATURE_INVALID: Disposition.REJECT,
    FailureKind.SOURCE_UNKNOWN: Disposition.REJECT,
    FailureKind.REQUEST_INVALID: Disposition.REJECT,
    FailureKind.REQUEST_TOO_LARGE: Disposition.REJECT,
    FailureKind.DELIVERY_IN_PROGRESS: Disposition.RETRY_SOON,
    FailureKind.MESSAGE_INVALID: Disposition.PERSON,
    FailureKind.ROUTE_MISSING: Disposition.PERSON,
    FailureKind.ROUTE_BROKEN: Disposition.HALT,
    FailureKind.MAPPING_FAILED: Disposition.PERSON,
    FailureKind.FIELD_LIMIT: Disposition.PERSON,
    FailureKind.CONFIGURATION_INVALID: Disposition.HALT,
    FailureKind.AWS_UNAVAILABLE: Disposition.HALT,
    FailureKind.CHAT_UNAVAILABLE: Disposition.RETRY_SOON,
    FailureKind.STALE_VERSION: Disposition.DISCARD,
    FailureKind.SESSION_EXPIRED: Disposition.RETRY,
    FailureKind.CREDENTIALS_REJECTED: Disposition.HALT,
    FailureKind.SIGN_IN_BUSY: Disposition.RETRY_SOON,
    FailureKind.CIRCUIT_OPEN: Disposition.HALT,
    FailureKind.API_LIMIT_EXCEEDED: Disposition.HALT,
    FailureKind.ORG_LIMIT_EXCEEDED: Disposition.RETRY,
    FailureKind.CONCURRENT_LIMIT_EXCEEDED: Disposition.HALT,
    FailureKind.ORG_UNAVAILABLE: Disposition.HALT,
    FailureKind.OUTCOME_UNKNOWN: Disposition.RETRY,
    FailureKind.ROW_LOCKED: Disposition.RETRY_SOON,
    FailureKind.UNIQUE_VALUE_RACE: Disposition.RETRY_SOON,
    FailureKind.PARENT_MISSING: Disposition.RETRY_SOON,
    FailureKind.RECORD_HELD: Disposition.RETRY_SOON,
    FailureKind.EARLIER_WRITE_UNSETTLED: Disposition.RETRY_SOON,
    FailureKind.OUT_OF_TIME: Disposition.RETRY_SOON,
    FailureKind.FIELD_UNKNOWN: Disposition.PERSON,
    FailureKind.RECORD_INVALID: Disposition.PERSON,
    FailureKind.RECORD_DUPLICATE: Disposition.PERSON,
    FailureKind.RECORD_DELETED: Disposition.PERSON,
    FailureKind.EXTERNAL_ID_AMBIGUOUS: Disposition.PERSON,
    FailureKind.PERMISSION_DENIED: Disposition.PERSON,
    FailureKind.AUTOMATION_FAILED: Disposition.PERSON,
    FailureKind.GOVERNOR_LIMIT: Disposition.RETRY,
    FailureKind.STORAGE_FULL: Disposition.HALT,
    FailureKind.FILE_GONE: Disposition.PERSON,
    FailureKind.JOB_STATE_CHANGED: Disposition.RETRY_SOON,
    FailureKind.BULK_JOB_FAILED: Disposition.RETRY,
    FailureKind.BULK_JOB_ABORTED: Disposition.PERSON,
    FailureKind.BULK_JOB_STUCK: Disposition.HALT,
    FailureKind.ROWS_UNACCOUNTED: Disposition.RETRY,
    FailureKind.HANDLER_FAILED: Disposition.PERSON,
    FailureKind.UNEXPECTED: Disposition.RETRY,
}


class SyncError(Exception):
    """Raised wherever something fails in a way Lockstep knows.

    Args:
        kind: Decides what happens next; code reads only this.
        detail: For people: place, reason and remedy. Never holds a field's value, a token or a secret.
        error_code: The vendor's own code, where there is one.
        retry_after_s: Earliest sensible next try, where the other side said so.
        vendor_message: The vendor's own words. They may hold a field's value: for the error log only.
    """

    def __init__(
        self,
        kind: FailureKind,
        detail: str,
        *,
        error_code: str | None = None,
        retry_after_s: int | None = None,
        vendor_message: str | None = None,
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.error_code = error_code
        self.retry_after_s = retry_after_s
        self.vendor_message = vendor_message

    def with_detail(self, detail: str) -> "SyncError":
        """Return the same failure, told in other words."""
        return SyncError(
            self.kind,
            detail,
            error_code=self.error_code,
            retry_after_s=self.retry_after_s,
            vendor_message=self.vendor_message,
        )

    @property
    def disposition(self) -> Disposition:
        """What is done about it."""
        return DISPOSITIONS[self.kind]
