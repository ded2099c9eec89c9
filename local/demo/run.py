"""One run of the demo on a running stack: send, wait, look."""

import itertools
import statistics
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from local.demo.bars import bar
from local.demo.changed_values import ChangedValues, read_changed_values
from local.demo.comparing import Records, count_api_calls, differences, read_org
from local.demo.expectation import Expected, expected_records
from local.demo.posting import Answer, post_all
from local.demo.scenario import Scenario
from local.demo.sends import Kind, Lane
from local.demo.settling import Logged, wait_until_settled
from local.stack import Stack

DEADLINE_S = 120.0


@dataclass(slots=True)
class Run:
    """What was sent, what came back, and what the change log and the org show at the end."""

    answers: list[Answer] = field(default_factory=list)
    log: Mapping[str, Logged] = field(default_factory=dict)
    waited: int = 0
    expected: Sequence[Expected] = ()
    org: Records = field(default_factory=dict)
    api_calls: int = 0
    changed: Sequence[ChangedValues] = ()

    @property
    def accepted(self) -> dict[str, Answer]:
        """The first accepted delivery of each change."""
        first: dict[str, Answer] = {}
        for answer in sorted(self.answers, key=lambda each: each.posted_at):
            if answer.correlation_id:
                first.setdefault(answer.correlation_id, answer)
        return first

    @property
    def waits_s(self) -> list[float]:
        """Seconds from webhook to record, of each applied change that did not have to wait for its parent."""
        return [
            (ended - answer.posted_at).total_seconds()
            for name, answer in self.accepted.items()
            if answer.send.kind is not Kind.EARLY
            and name in self.log
            and self.log[name].state == "Applied"
            and (ended := self.log[name].ended_at)
        ]

    @property
    def problems(self) -> list[str]:
        """Everything that is not as it should be, a line each."""
        checks = (self._wrong_answers(), self._repeated(), self._unsettled(), self._unexplained())
        return [line for lines in checks for line in lines] + differences(self.expected, self.org)

    def _wrong_answers(self) -> list[str]:
        return [
            f"{each.send.event.source} {each.send.event.topic} ({each.send.kind}): answered {each.status} "
            f"{each.body.get('detail', '')}, expected {each.send.expected_status.value}"
            for each in self.answers
            if not each.is_expected
        ]

    def _repeated(self) -> list[str]:
        return [
            f"{each.correlation_id}: its second delivery was not known"
            for each in self.answers
            if each.send.kind is Kind.AGAIN and each.body.get("known") != 1
        ]

    def _unsettled(self) -> list[str]:
        lost = [f"{name}: accepted, but not in the change log" for name in self.accepted if name not in self.log]
        logged = [self.log[name] for name in self.accepted if name in self.log]
        return lost + [
            f"{each.correlation_id} ({each.source} {each.entity} {each.external_id}): {each.state} {each.failure}"
            for each in logged
            if not each.has_ended or (each.state == "Pending") is not self._is_unfit(each.correlation_id)
        ]

    def _unexplained(self) -> list[str]:
        """A refused value must name its field, and a cut text must be counted."""
        refused = [self.log[name] for name in self.accepted if name in self.log and self._is_unfit(name)]
        silent = [
            f"{each.correlation_id}: refused without naming Industry"
            for each in refused
            if "Industry" not in each.failure
        ]
        if not any(each.field == "Account.BillingStreet" for each in self.changed):
            silent.append("Account.BillingStreet: cut, but not counted")
        return silent

    def _is_unfit(self, name: str) -> bool:
        return any(each.correlation_id == name and each.send.kind is Kind.UNFIT for each in self.answers)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that so many percent do not exceed; 0 for none."""
    if len(values) < 2:
        return sum(values)
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def run_demo(stack: Stack, scenario: Scenario, console: Console) -> Run:
    """Send both waves, wait for each, and look at the org."""
    run = Run()
    _wave(run, stack, scenario.first, console, "Posting signed webhooks", "Waiting until Salesforce has them")
    run.waited = sum(1 for name in _early(run) if not run.log[name].has_ended)
    _wave(run, stack, scenario.second, console, "Posting late customers and deletes", "Waiting for those, too")
    facts = [answer.send.fact for answer in run.answers if answer.send.fact]
    run.expected = expected_records(facts)
    run.org = read_org(stack)
    run.api_calls = count_api_calls(stack)
    run.changed = read_changed_values(stack)
    return run


def _wave(run: Run, stack: Stack, lanes: Sequence[Lane], console: Console, posting: str, waiting: str) -> None:
    is_last = bool(run.answers)
    total = sum(len(lane) for lane in lanes)
    with bar(console, posting, total) as show:
        run.answers += post_all(stack, lanes, _counter(show))
    wanted = [name for name in run.accepted if is_last or name not in _early(run)]
    with bar(console, waiting, len(wanted)) as show:
        run.log = wait_until_settled(stack, wanted, DEADLINE_S, show)


def _early(run: Run) -> set[str]:
    return {name for name, answer in run.accepted.items() if answer.send.kind is Kind.EARLY}


def _counter(show: Callable[[int], None]) -> Callable[[], None]:
    """Turn "one more" into "so many", from any thread."""
    done, lock = itertools.count(1), threading.Lock()

    def advance() -> None:
        with lock:
            show(next(done))

    return advance
