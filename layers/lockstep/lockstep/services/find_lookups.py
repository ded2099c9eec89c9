"""Finds the records that lookups ask for: over the whole batch, remembered for a while."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from lockstep.domain.attempts import Write
from lockstep.domain.conversions.results import Noted, Problem
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.domain.json_text import JsonValue
from lockstep.domain.lookups import Found, LookupTarget, MatchValues, Wish, fulfilled
from lockstep.domain.verdicts import Failed
from lockstep.services.org_calls import OrgCalls

MAX_AGE_S = 300
_REMEMBERED = 10_000  # some megabytes
_LONGEST_DETAIL = 2_000

_Answers: TypeAlias = dict[LookupTarget, Mapping[MatchValues, Found] | SyncError]


@dataclass(slots=True)
class Looked:
    """The writes with their Ids, and the changes that have to wait or to be seen to."""

    writes: list[Write] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    notes: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class FindLookups:
    """Fills in the Ids; what was found is remembered, what was not found is asked for again.

    Args:
        clock: Without it nothing is remembered.
        max_age_s: How long an Id is believed.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None, max_age_s: int = MAX_AGE_S) -> None:
        self._clock = clock
        self._max_age = timedelta(seconds=max_age_s)
        self._known: dict[tuple[LookupTarget, MatchValues], tuple[str, datetime]] = {}

    def __call__(self, writes: Sequence[Write], calls: OrgCalls) -> Looked:
        """Ask once for each object and set of match fields."""
        answers = self._answers({(wish.target, wish.values) for write in writes for wish in write.wishes}, calls)
        looked = Looked()
        failures: dict[str, SyncError] = {}
        filled = [(write, _filled(write, answers, looked.notes)) for write in writes]
        for write, result in filled:
            if isinstance(result, SyncError):
                name = write.attempt.change.correlation_id
                failures[name] = _worse(failures.get(name), result)
        looked.writes = [
            result
            for write, result in filled
            if isinstance(result, Write) and write.attempt.change.correlation_id not in failures
        ]
        changes = {write.attempt.change.correlation_id: write.attempt.change for write in writes}
        looked.failed = [Failed(changes[name], failure) for name, failure in failures.items()]
        return looked

    def forget(self, writes: Iterable[Write]) -> None:
        """Forget what was found for records that were not written: it may be the reason."""
        for write in writes:
            for wish in write.wishes:
                self._known.pop((wish.target, wish.values), None)

    def _answers(self, asked: set[tuple[LookupTarget, MatchValues]], calls: OrgCalls) -> _Answers:
        wanted: dict[LookupTarget, list[MatchValues]] = defaultdict(list)
        known: dict[LookupTarget, dict[MatchValues, Found]] = defaultdict(dict)
        now = self._clock() if self._clock else None
        for target, values in sorted(asked, key=repr):
            record_id, until = self._known.get((target, values), ("", None))
            if now is not None and until is not None and until > now:
                known[target][values] = record_id
            else:
                wanted[target].append(values)
        answers: _Answers = {**known}
        for target, values_of_target in wanted.items():
            found = calls.find(target, values_of_target)
            answers[target] = found if isinstance(found, SyncError) else {**known[target], **found}
            self._remember(target, found, now)
        return answers

    def _remember(
        self, target: LookupTarget, found: Mapping[MatchValues, Found] | SyncError, now: datetime | None
    ) -> None:
        if now is None or isinstance(found, SyncError):
            return
        if len(self._known) + len(found) > _REMEMBERED:
            self._known.clear()
        until = now + self._max_age
        self._known.update({(target, key): (each, until) for key, each in found.items() if isinstance(each, str)})


def _filled(write: Write, answers: _Answers, notes: Counter[tuple[str, str, str]]) -> Write | SyncError:
    """Return the write with its Ids, or the worst of what keeps it from having them."""
    fields: dict[str, JsonValue] = dict(write.fields)
    worst: SyncError | None = None
    for wish in write.wishes:
        answer = answers[wish.target]
        result = answer if isinstance(answer, SyncError) else fulfilled(wish, answer)
        if isinstance(result, str):
            fields[wish.field] = result
        elif isinstance(result, Noted):
            fields[wish.field] = None
            notes[write.target.object_name, wish.field, result.what] += 1
        else:
            worst = _worse(worst, result if isinstance(result, SyncError) else _failure(write.place, wish, result))
    return worst or write._replace(fields=fields)


def _failure(place: str, wish: Wish, problem: Problem | None) -> SyncError:
    where = f"{place} {wish.field}".strip()
    if problem is None:
        return SyncError(FailureKind.PARENT_MISSING, f"{where}: no record is in the org yet ({wish.target})")
    return SyncError(FailureKind.MAPPING_FAILED, f"{where}: {problem.reason}. {problem.remedy}")


def _worse(one: SyncError | None, other: SyncError) -> SyncError:
    """Return what a person must see to, or else the first; two of those are told together."""
    if one is None or one.disposition is not Disposition.PERSON:
        return other if one is None or other.disposition is Disposition.PERSON else one
    if {one.kind, other.kind} == {FailureKind.MAPPING_FAILED} and len(one.detail) < _LONGEST_DETAIL:
        return SyncError(FailureKind.MAPPING_FAILED, f"{one.detail}; {other.detail}")
    return one
