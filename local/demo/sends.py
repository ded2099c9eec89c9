"""One delivery of the demo, and the lanes in which deliveries go out."""

from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus

from local.demo.expectation import Fact
from local.demo.senders import Event


class Kind(StrEnum):
    """Why a delivery is in the demo; the words of the report."""

    NEW = "new record"
    UPDATE = "update"
    OLDER = "older update, after the newer one"
    AGAIN = "same delivery once more"
    LARGE = "over 256 KiB"
    EARLY = "order before its customer"
    LATE_PARENT = "customer after its order"
    DELETE = "deleted in the source"
    AWAY = "update while Salesforce is away"
    UNFIT = "value that no picklist takes"
    TOO_LONG = "text longer than its field"
    FORGED = "forged signature"
    UNSIGNED = "no signature"
    UNKNOWN = "unknown source"
    MALFORMED = "signed, but no JSON"


REFUSAL = {
    Kind.FORGED: HTTPStatus.UNAUTHORIZED,
    Kind.UNSIGNED: HTTPStatus.UNAUTHORIZED,
    Kind.UNKNOWN: HTTPStatus.NOT_FOUND,
    Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
}


@dataclass(frozen=True, slots=True)
class Send:
    """A delivery.

    `fact` is what the org should learn from it, None where it should learn nothing; `mended` is what it should learn
    once a person has put the payload right.
    """

    event: Event
    kind: Kind
    fact: Fact | None = None
    mended: Fact | None = None

    @property
    def expected_status(self) -> HTTPStatus:
        """What the answer should be."""
        return REFUSAL.get(self.kind, HTTPStatus.ACCEPTED)

    def again(self) -> "Send":
        """Return the second delivery of the same event."""
        return replace(self, kind=Kind.AGAIN)

    def teaching_nothing(self, kind: Kind) -> "Send":
        """Return a delivery of which the org must learn nothing."""
        return replace(self, kind=kind, fact=None)


Lane = list[Send]  # goes out in this order, one after the other; lanes go out side by side
