"""Reads how a stack is, and says what needs people."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from cli.parts import RESERVE_PERCENT, StackParts
from cli.shown import jsonable
from lockstep.adapters.lane_metrics import LaneFigures
from lockstep.adapters.queue_depth import Depth
from lockstep.domain.budget import Usage
from lockstep.domain.changes import State
from lockstep.domain.circuit import Circuit
from lockstep.domain.error_list import OPEN_STATUSES, age_class, counted
from lockstep.domain.error_log import EntryStatus

LATE_S = 900  # as the alarms of template.yaml
MOST_READ = 100_000  # changes that are read where there are no metrics
_HOUR = timedelta(hours=1)
_RATE_BY_STATE = {
    State.APPLIED: "applied",
    State.SUPERSEDED: "superseded",
    State.DUPLICATE: "duplicate",
    **dict.fromkeys((State.PENDING, State.RETRYING, State.ABANDONED), "failed"),
}

# Failures by status, kind and class of age.
Counts = Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class Rates:
    """How many changes came to an end, or failed, in the last hour, and who says so."""

    counts: Mapping[str, int]
    told_by: str


@dataclass(frozen=True, slots=True)
class StackStatus:
    """How a stack is; None where it is not known. `given_up` were abandoned by people and need nobody."""

    stack: str
    at: datetime
    inbound: Depth
    dead_letters: Depth
    oldest_change_s: float | None
    oldest_dead_letter_s: float | None
    circuit: Circuit
    usage: Usage | None
    reserve_percent: int
    rates: Rates | None
    errors: Counts
    given_up: int

    @property
    def problems(self) -> list[str]:
        """What needs people, with the remedy."""
        return list(self._problems())

    def _problems(self) -> Iterator[str]:
        if not self.circuit.is_closed:
            yield f"the circuit is open, changes wait: {self.circuit.detail}. `lockstep auth status` says more"
        elif self.oldest_change_s is not None and self.oldest_change_s >= LATE_S:
            yield "the oldest change waits for too long: does the upsert function run? Its log says"
        for status in (EntryStatus.PENDING, EntryStatus.ABANDONED):
            if count := counted(self.errors.get(status.value, {})):
                yield f"{count} failures are {status.value}: `lockstep errors list --status {status.value}`"
        if self.oldest_dead_letter_s is not None and self.oldest_dead_letter_s >= LATE_S:
            yield "dead letters are not taken into the error log: read the dead_letter function's log"
        if self.usage is not None and self.usage.left_percent < self.reserve_percent:
            yield "fewer API calls are left than the reserve: Setup, API Usage shows who makes them"

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        circuit, usage = self.circuit, self.usage
        found = {
            "stack": self.stack,
            "at": self.at,
            "problems": self.problems,
            "queues": {"inbound": self.inbound._asdict(), "dead_letters": self.dead_letters._asdict()},
            "oldest_change_s": self.oldest_change_s,
            "oldest_dead_letter_s": self.oldest_dead_letter_s,
            "circuit": {
                "position": circuit.position,
                "reason": circuit.reason if not circuit.is_closed else None,
                "detail": circuit.detail if not circuit.is_closed else "",
                "since": circuit.since,
                "next_probe_at": circuit.next_probe_at,
            },
            "api": {"used": usage.used, "maximum": usage.maximum, "read_at": usage.read_at} if usage else None,
            "last_hour": asdict(self.rates) if self.rates else None,
            "errors": {
                status: {kind: dict(ages) for kind, ages in kinds.items()} for status, kinds in self.errors.items()
            },
            "given_up": self.given_up,
        }
        return {name: jsonable(value) for name, value in found.items()}


def read_stack_status(parts: StackParts, now: datetime) -> StackStatus:
    """Read it all.

    Raises:
        SyncError: AWS refuses.
    """
    inbound, dead_letters = parts.depths.depths()
    names = [url.rpartition("/")[2] for url in (parts.inbound_url, parts.dead_letter_url)]
    figures = parts.lane_metrics.figures(now - _HOUR, now, names)
    rates, oldest_s = _from_metrics(figures) if figures.counts else _from_change_log(parts, now)
    errors, given_up = _errors(parts, now)
    return StackStatus(
        stack=str(parts.stack),
        at=now,
        inbound=inbound,
        dead_letters=dead_letters,
        oldest_change_s=oldest_s,
        oldest_dead_letter_s=figures.ages_s[1],
        circuit=parts.circuits.load(),
        usage=parts.usages.load(),
        reserve_percent=int(parts.stack.parameter(RESERVE_PERCENT)),
        rates=rates,
        errors=errors,
        given_up=given_up,
    )


def _from_metrics(figures: LaneFigures) -> tuple[Rates, float | None]:
    return _rates(Counter(figures.counts), "metrics"), figures.ages_s[0]


def _from_change_log(parts: StackParts, now: datetime) -> tuple[Rates | None, float | None]:
    """Count by reading: a stack that is young, or has had nothing to do, has no metrics."""
    counts: Counter[State] = Counter()
    oldest = now
    read = 0
    for change in islice(parts.changes.every(), MOST_READ + 1):
        read += 1
        if change.state == State.QUEUED:
            oldest = min(oldest, change.received_at)
        steps = (step for step in change.steps if step.at >= now - _HOUR)
        counts.update(State(step.state) for step in steps if step.state in frozenset(State))
    if read > MOST_READ:
        return None, None
    return _rates(counts, "change log"), (now - oldest).total_seconds()


def _rates(counts: Counter[State], told_by: str) -> Rates:
    rates = dict.fromkeys(_RATE_BY_STATE.values(), 0)
    for state, name in _RATE_BY_STATE.items():
        rates[name] += counts[state]
    return Rates(rates, told_by)


def _errors(parts: StackParts, now: datetime) -> tuple[Counts, int]:
    found: dict[str, dict[str, Counter[str]]] = {}
    given_up = 0
    for entry in parts.desk.summaries(OPEN_STATUSES):
        if entry.abandoned_by:
            given_up += 1
        else:
            kinds = found.setdefault(entry.status.value, defaultdict(Counter))
            kinds[entry.failure_kind][age_class(entry.created_at, now)] += 1
    return found, given_up
