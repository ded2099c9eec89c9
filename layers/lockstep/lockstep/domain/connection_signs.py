"""What failures say about the connection with the org."""

from lockstep.domain.circuit import Reason
from lockstep.domain.failures import FailureKind

# Nobody gets anything done before this heals, so one is enough.
OPENS_AT_ONCE: dict[FailureKind, Reason] = {
    FailureKind.CREDENTIALS_REJECTED: Reason.SIGN_IN_REFUSED,
    FailureKind.CONFIGURATION_INVALID: Reason.SIGN_IN_REFUSED,  # the connection's secret is missing or wrong
    FailureKind.API_LIMIT_EXCEEDED: Reason.DAILY_LIMIT_SPENT,
}
# These may be a hiccup, or the fault of one call.
OPENS_WHEN_NOTHING_ELSE_COMES: dict[FailureKind, Reason] = {
    FailureKind.CONCURRENT_LIMIT_EXCEEDED: Reason.CONCURRENT_LIMIT,
    FailureKind.ORG_UNAVAILABLE: Reason.ORG_UNAVAILABLE,
    FailureKind.OUTCOME_UNKNOWN: Reason.ORG_UNAVAILABLE,
}
REASON_BY_KIND = OPENS_AT_ONCE | OPENS_WHEN_NOTHING_ELSE_COMES
# Only an org that works can say so.
SAID_BY_THE_ORG = frozenset(
    {
        FailureKind.STALE_VERSION,
        FailureKind.ROW_LOCKED,
        FailureKind.UNIQUE_VALUE_RACE,
        FailureKind.PARENT_MISSING,
        FailureKind.FIELD_UNKNOWN,
        FailureKind.RECORD_INVALID,
        FailureKind.RECORD_DUPLICATE,
        FailureKind.RECORD_DELETED,
        FailureKind.EXTERNAL_ID_AMBIGUOUS,
        FailureKind.PERMISSION_DENIED,
        FailureKind.AUTOMATION_FAILED,
        FailureKind.STORAGE_FULL,
    }
)
