"""A file that is the whole truth, compared with the org: how far the comparison is, and what it has found."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from lockstep.domain.model import Shape

MissingRule: TypeAlias = Literal["report", "mark", "delete"]
# So many keys are compared at once; a longer file is compared in several parts, so that memory stays flat.
KEYS_AT_ONCE = 2_000_000


class Stage(StrEnum):
    """Where a comparison is. A released value is never renamed: it is stored."""

    BEGUN = "Begun"  # whether the file can be the whole truth is not known yet
    QUERYING = "Querying"  # the org makes a list of the source's records
    READING = "Reading"
    ASKING = "Asking"  # more is missing than the limit: a person has to agree
    SENDING = "Sending"  # the deletes go to the inbound queue
    DONE = "Done"
    NOT_MADE = "NotMade"  # `why` says it


class Comparison(Shape):
    """What became of the records that a file does not name.

    `cutoff_ms` is the time, in ms since 1970, after which the file knows nothing. `run` counts query jobs. The file's
    keys are compared in `parts`; `part` and `page` are the present ones, from 0, and `locator` is where the page
    begins. `known` are the records of the source that are not marked as deleted; of them `newer` are younger than the
    cutoff. `missing` ones stand in as many lists as `lists`, and `sent` of them were sent, `sent_rows` of the list
    `sent_lists`, from 0. `held_until` is when the next look may begin. The org was asked for its list at
    `asked_at`, and `told_stuck` says that people know how long it takes.
    """

    rule: MissingRule
    limit_percent: float
    cutoff_ms: NonNegativeInt
    stage: Stage = Stage.BEGUN
    run: PositiveInt = 1
    tries: NonNegativeInt = 0
    job_id: str = ""
    looks: NonNegativeInt = 0
    asked_at: AwareDatetime | None = None
    told_stuck: bool = False
    parts: PositiveInt = 1
    part: NonNegativeInt = 0
    page: NonNegativeInt = 0
    locator: str = ""
    known: NonNegativeInt = 0
    newer: NonNegativeInt = 0
    missing: NonNegativeInt = 0
    lists: NonNegativeInt = 0
    sent: NonNegativeInt = 0
    sent_lists: NonNegativeInt = 0
    sent_rows: NonNegativeInt = 0
    accepted: bool = False
    why: str = ""
    held_until: AwareDatetime | None = None

    @property
    def is_over(self) -> bool:
        """True where nothing is left to do."""
        return self.stage in (Stage.DONE, Stage.NOT_MADE)

    @property
    def is_beyond_limit(self) -> bool:
        """True where more is missing than may be without a person."""
        return self.missing * 100 > self.limit_percent * self.known

    def anew(self) -> "Comparison":
        """Return the comparison with nothing read, for another list of the org."""
        fresh = dict.fromkeys(("looks", "part", "page", "known", "newer", "missing", "lists"), 0)
        unasked = {"job_id": "", "asked_at": None, "told_stuck": False}
        return self.changed(**fresh, **unasked, stage=Stage.QUERYING, run=self.run + 1, locator="")

    def is_late(self, now: datetime, after: timedelta) -> bool:
        """True where the org takes longer for its list than it may, and nobody was told."""
        is_asked = self.stage is Stage.QUERYING and self.asked_at is not None
        return is_asked and not self.told_stuck and now - (self.asked_at or now) > after

    def decided(self) -> "Comparison":
        """Return what follows once all has been read."""
        if self.rule == "report" or not self.missing:
            return self.changed(stage=Stage.DONE)
        must_ask = self.is_beyond_limit and not self.accepted
        return self.changed(stage=Stage.ASKING if must_ask else Stage.SENDING)

    def changed(self, **changes: object) -> "Comparison":
        """Return it with other values."""
        return self.model_copy(update=changes)


def question(comparison: Comparison) -> str:
    """Say what a person is asked."""
    share = 100 * comparison.missing / max(comparison.known, 1)
    what = {"mark": "marked as deleted", "delete": "deleted"}.get(comparison.rule, "reported")
    return (
        f"{comparison.missing:,} of {comparison.known:,} records of the source ({share:.2f} %) are not in the file, "
        f"and without a person at most {comparison.limit_percent:g} % are {what}. If they are to be, resume the load "
        f"with --accept-missing; if not, stop it"
    )
