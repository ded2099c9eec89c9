"""Every refusal as the answer that Salesforce sends: the one place where an error becomes a status and a body."""

from http import HTTPStatus

from local.org.errors import OrgError, RowError, SeveralRecordsError
from local.org.messages import Answer

Refusal = OrgError | RowError | SeveralRecordsError
REFUSALS = (OrgError, RowError, SeveralRecordsError)


def refused(refusal: Refusal, base: str) -> Answer:
    """Return the answer to a refused request; `base` is the path that the version's resources begin with."""
    if isinstance(refusal, OrgError):
        body = [{"errorCode": refusal.error_code, "message": refusal.message}]
        return Answer(refusal.status, body, refusal.headers)
    if isinstance(refusal, RowError):
        return Answer(refusal.status, [each.entry(base) for each in refusal.all])
    urls = [f"{base}/sobjects/{path}" for path in refusal.record_ids]
    return Answer(HTTPStatus.MULTIPLE_CHOICES, urls)
