"""Which parents of refused records are not in the org; those that a route says are made are made."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from lockstep.domain.attempts import Write
from lockstep.domain.batches import slices
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.json_text import JsonValue
from lockstep.domain.mapped import ParentKey
from lockstep.ports.org import SalesforceGateway

RECORDS_PER_CALL = 200  # REST API Developer Guide, sObject Collections

Answer = TypeVar("Answer")
Absent = dict[ParentKey, SyncError]


class Try(Protocol):
    """Makes a call, unless the org is out of reach or the time is up."""

    def __call__(self, call: Callable[[], Answer]) -> Answer | SyncError:
        """Return the answer, or why there is none."""


class MissingParents:
    """Looks for parents: INVALID_FIELD does not say whether a field or a parent is missing.

    `notes` counts the parents that were made, as `Written.notes`.
    """

    def __init__(self, gateway: SalesforceGateway, try_call: Try) -> None:
        self._gateway = gateway
        self._try = try_call
        self.notes: Counter[tuple[str, str, str]] = Counter()

    def __call__(self, writes: Sequence[Write], *, makes_them: bool) -> Absent | SyncError:
        """Return the parents that are not in the org, and why."""
        absent = self._absent({parent for write in writes for parent in write.parents})
        if isinstance(absent, SyncError) or not makes_them:
            return absent
        stubs = _newest_stubs(writes, absent)
        for object_name in sorted({parent.object_name for parent in stubs}):
            parents = [parent for parent in stubs if parent.object_name == object_name]
            for part in slices(parents, RECORDS_PER_CALL):
                unmade = self._make(object_name, part, [stubs[parent] for parent in part])
                absent = {parent: why for parent, why in absent.items() if parent not in part} | unmade
        return absent

    def _absent(self, asked: set[ParentKey]) -> Absent | SyncError:
        absent: Absent = {}
        for target in sorted({(parent.object_name, parent.field_name) for parent in asked}):
            keys = {parent for parent in asked if (parent.object_name, parent.field_name) == target}
            found = self._existing(*target, [key.value for key in keys])
            if isinstance(found, SyncError):
                return found
            absent |= {key: _not_there(key) for key in keys if key.value not in found}
        return absent

    def _existing(self, object_name: str, field_name: str, values: Sequence[str]) -> frozenset[str] | SyncError:
        return self._try(lambda: self._gateway.existing(object_name, field_name, values))

    def _make(
        self, object_name: str, parents: Sequence[ParentKey], records: Sequence[Mapping[str, JsonValue]]
    ) -> Absent:
        """Make parents; return those that could not be made, and why."""
        results = self._try(lambda: self._gateway.create(object_name, records))
        if isinstance(results, SyncError):
            return dict.fromkeys(parents, results)
        unmade: Absent = {}
        for parent, result in zip(parents, results, strict=True):
            if result.failure is None:
                self.notes[object_name, parent.field_name, "made as a parent, because it was missing"] += 1
            elif result.failure.kind is not FailureKind.UNIQUE_VALUE_RACE:  # else it has arrived, which is as good
                unmade[parent] = _unmade(parent, result.failure)
        return unmade


def _newest_stubs(writes: Sequence[Write], absent: Absent) -> dict[ParentKey, Mapping[str, JsonValue]]:
    in_order = sorted(writes, key=lambda write: write.attempt.change.order)
    return {stub.parent: stub.fields for write in in_order for stub in write.stubs if stub.parent in absent}


def _not_there(parent: ParentKey) -> SyncError:
    return SyncError(
        FailureKind.PARENT_MISSING,
        f"the {parent.object_name} that {parent.field_name} names is not in the org yet",
        error_code="INVALID_FIELD",
    )


def _unmade(parent: ParentKey, failure: SyncError) -> SyncError:
    return failure.with_detail(f"the missing {parent.object_name} could not be made: {failure.detail}")
