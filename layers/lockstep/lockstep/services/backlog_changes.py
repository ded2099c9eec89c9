"""Takes the changes of a backlog through the steps that every change takes, with a job in the place of calls."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from lockstep.domain.changes import Change, Outcome
from lockstep.domain.chunks import Chunk
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.load_keys import claim_owner
from lockstep.ports.bulk import LoadFiles
from lockstep.services.check_routes import Gate
from lockstep.services.upsert_changes import Delivery, UpsertReport, Writing

NumberedChange: TypeAlias = tuple[int, Change]
_BLOCK_BYTES = 256 * 1024


class Steps(Protocol):
    """Makes the use case of the REST lane, for one owner of claims and one way of writing."""

    def __call__(self, write: Writing, owner: str) -> Callable[[Sequence[Delivery], Callable[[], bool]], UpsertReport]:
        """Make it."""


class BookedGate:
    """Implements `Gate` for what the org has answered already: no route is held."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.route = gate.route
        self.reconsider = gate.reconsider

    def problem(self, route_key: tuple[str, str]) -> None:
        """Hold nothing."""


class BacklogChanges:
    """Safe to repeat: claims are the chunk's, and what is settled takes no step.

    Args:
        load_files: Where the changes lie.
        steps: What is done with them.
    """

    def __init__(self, load_files: LoadFiles, steps: Steps) -> None:
        self._load_files = load_files
        self._steps = steps

    def read(self, chunk: Chunk) -> list[NumberedChange]:
        """Return the chunk's changes, each with the number of its line.

        Raises:
            SyncError: AWS_UNAVAILABLE, FILE_GONE.
        """
        return read_changes(self._load_files, chunk)

    def take(
        self, chunk: Chunk, changes: Sequence[Change], write: Writing, has_time: Callable[[], bool]
    ) -> UpsertReport:
        """Let changes take their steps.

        Raises:
            SyncError: AWS_UNAVAILABLE, also where some could not be booked: all must come again.
        """
        deliveries = [Delivery(change.correlation_id, change) for change in changes]
        report = self._steps(write, claim_owner(chunk))(deliveries, has_time)
        if report.again:
            reason = f"{len(report.again)} changes of a backlog could not be booked"
            raise SyncError(FailureKind.AWS_UNAVAILABLE, reason, retry_after_s=5)
        return report


def read_changes(load_files: LoadFiles, chunk: Chunk) -> list[NumberedChange]:
    """Return the changes of a backlog's chunk, each with the number of its line.

    Raises:
        SyncError: AWS_UNAVAILABLE, FILE_GONE.
    """
    stream, text = load_files.open(chunk), bytearray()
    while block := stream.read(_BLOCK_BYTES):
        text += block
    return [(number, Change.model_validate_json(line)) for number, line in enumerate(text.splitlines(), 1)]


def names_of(outcomes: Sequence[Outcome]) -> set[str]:
    """Return which changes were booked."""
    return {outcome.change.correlation_id for outcome in outcomes}


def by_rest(detail: str) -> SyncError:
    """Return the failure with which a change goes back to the inbound queue, and then by REST; it costs no try."""
    return SyncError(FailureKind.JOB_STATE_CHANGED, detail)
