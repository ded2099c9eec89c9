"""What one attempt made of a change, before it is booked."""

from dataclasses import dataclass

from lockstep.domain.changes import Change, Outcome, State
from lockstep.domain.failures import SyncError


@dataclass(frozen=True, slots=True)
class Done:
    """The change is settled as `state`."""

    change: Change
    state: State
    record_id: str | None = None
    created: bool = False
    detail: str | None = None

    def outcome(self) -> Outcome:
        """Return what the change log is told."""
        return Outcome(self.change, self.state, record_id=self.record_id, created=self.created, detail=self.detail)


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt failed; the failure's disposition says what follows.

    `may_stand`: some of the change's records are in the org, or may be, so nothing older may pass.
    """

    change: Change
    failure: SyncError
    may_stand: bool = False

    def outcome(self, state: State) -> Outcome:
        """Return what the change log is told: `state` is Queued where the change is tried again, else Pending."""
        failure = self.failure
        return Outcome(
            self.change,
            state,
            failure_kind=failure.kind.value,
            error_code=failure.error_code,
            detail=failure.detail,
        )


Verdict = Done | Failed
