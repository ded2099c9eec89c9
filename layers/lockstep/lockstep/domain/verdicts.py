"""What one attempt made of a change, before it is booked."""

from collections.abc import Mapping
from dataclasses import dataclass

from lockstep.domain.changes import Change, Outcome, State
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.json_text import JsonValue


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

    `may_stand`: some of the change's records are in the org, or may be, so nothing older may pass. `record` is the
    record that failed, as it was mapped, where the mapping came so far. `has_given_up`: the answer to a write of the
    change was not waited for, whatever this failure is. `object_name` is what the change is written to, where no claim
    says it.
    """

    change: Change
    failure: SyncError
    may_stand: bool = False
    record: Mapping[str, JsonValue] | None = None
    has_given_up: bool = False
    object_name: str = ""

    @property
    def is_unknown(self) -> bool:
        """True where nobody knows whether a write of this attempt took effect, or still will."""
        return self.has_given_up or self.failure.kind is FailureKind.OUTCOME_UNKNOWN

    def outcome(self, state: State) -> Outcome:
        """Return what the change log is told: `state` says where the change is now."""
        failure = self.failure
        return Outcome(
            self.change,
            state,
            failure_kind=failure.kind.value,
            error_code=failure.error_code,
            detail=failure.detail,
        )


Verdict = Done | Failed
