"""Shows entries of the error log in the org as records of `Integration_Error_Log__c`: best effort, never of itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.domain.batches import slices
from lockstep.domain.error_log import ErrorEntry
from lockstep.domain.error_mirror import KEY, OBJECT, is_about_itself, mirrored
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.ports.org import SalesforceGateway

RECORDS_PER_CALL = 200
_MISSING = frozenset({FailureKind.FIELD_UNKNOWN, FailureKind.PERMISSION_DENIED})
REMEDY = (
    f"the org has no {OBJECT} as this version of Lockstep writes it, or the integration user may not: deploy "
    "salesforce/ and assign the permission set Lockstep Integration, or set the parameter MirrorErrors to false"
)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """How many entries the org shows, and what it did not take.

    `must_wait` says that the org was out of reach: nothing after that was tried, and all of it is safe to repeat.
    """

    shown: int = 0
    troubles: tuple[SyncError, ...] = ()
    must_wait: bool = False


class MirrorFailures:
    """Upserts entries by their correlation ID, 200 a call."""

    def __init__(self, gateway: SalesforceGateway) -> None:
        self._gateway = gateway

    def __call__(self, entries: Sequence[ErrorEntry]) -> Mirrored:
        """Show the entries; each stands among them once. Raises nothing: what the org refuses is a trouble."""
        shown = 0
        troubles: list[SyncError] = []
        for part in slices([entry for entry in entries if not is_about_itself(entry)], RECORDS_PER_CALL):
            refusals = self._refusals(part)
            if waits := next((each for each in refusals if _is_passing(each)), None):
                return Mirrored(shown, (*troubles, waits), must_wait=True)
            shown += len(part) - len(refusals)
            troubles += [_explained(each) for each in refusals]
        return Mirrored(shown, tuple(troubles))

    def _refusals(self, entries: Sequence[ErrorEntry]) -> Sequence[SyncError]:
        """Return why the org did not take entries, once for each."""
        try:
            results = self._gateway.upsert(OBJECT, KEY, [mirrored(entry) for entry in entries])
        except SyncError as exc:
            return [exc] * len(entries)
        return [result.failure for result in results if result.failure is not None]


def _is_passing(refusal: SyncError) -> bool:
    """True where the org takes nothing at all for now.

    A full storage is not waited for: it takes people to end it, and they are told of their failures by alerts alone.
    """
    if refusal.kind is FailureKind.STORAGE_FULL:
        return False
    return refusal.disposition is Disposition.HALT or refusal.kind is FailureKind.SIGN_IN_BUSY


def _explained(refusal: SyncError) -> SyncError:
    return refusal.with_detail(f"{refusal.detail}: {REMEDY}") if refusal.kind in _MISSING else refusal
