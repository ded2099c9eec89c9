"""What happens in the demo, one thing after the other, on a running stack."""

import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice

from rich.console import Console
from rich.markup import escape

from local.demo.alerts import Mailbox
from local.demo.bars import bar
from local.demo.changed_values import BULK_SUBMIT, UPSERT, read_changed_values
from local.demo.comparing import count_api_calls, read_org
from local.demo.desk import Operator
from local.demo.expectation import Fact, expected_records, newest_stamps
from local.demo.lock_storm import begin_storm, end_storm
from local.demo.night_file import load_night_file
from local.demo.outage import GOES_ON, WAITS, begin_outage, end_outage, is_trigger_off, tries_spent, wait_for_alert
from local.demo.posting import post_all
from local.demo.run import Run
from local.demo.scenario import Scenario
from local.demo.schedules import MONITOR, RETRY, run_now
from local.demo.sends import Kind, Lane
from local.demo.settling import wait_until_settled
from local.stack import Stack

DEADLINE_S = 180.0
A_FEW = 2  # updates between two looks into the mailbox: one batch without an answer opens no circuit


class Story:
    """Tells the run on the console while it happens."""

    def __init__(self, stack: Stack, scenario: Scenario, console: Console) -> None:
        self._stack = stack
        self._scenario = scenario
        self._console = console
        self._run = Run(locked=scenario.locked)
        self._operator = Operator(stack, console)

    def told(self) -> Run:
        """Let everything happen, and look at the org."""
        self._daily_work()
        self._night_file()
        self._outage()
        self._look()
        return self._run

    def _daily_work(self) -> None:
        run, scenario = self._run, self._scenario
        self._heading("A day's work, while another job holds all orders locked")
        begin_storm(self._stack, scenario.locked)
        self._post(scenario.first, "Posting signed webhooks")
        early = run.names_of(Kind.EARLY)
        self._wait(run.accepted.keys() - early, "Waiting until Salesforce has them")
        run.refused_rows = end_storm(self._stack)
        run.waited = sum(1 for name in early if not run.log[name].has_ended)
        run.unfit = [run.log[name] for name in run.names_of(Kind.UNFIT)]
        self._post(scenario.second, "Posting late customers and deletes")
        self._wait(run.accepted, "Waiting for those, too")

    def _night_file(self) -> None:
        run, export = self._run, self._scenario.export
        self._heading(
            "The ERP's nightly export arrives late, as a file: some of it is older than what webhooks have told"
        )
        before = count_api_calls(self._stack)
        run.told = newest_stamps(self._facts())
        run.file = load_night_file(self._operator, self._stack.folders.top, export)
        run.file.api_calls = count_api_calls(self._stack) - before

    def _facts(self) -> list[Fact]:
        """Return what the accepted have told by now."""
        sends = [answer.send for answer in self._run.answers]
        return [fact for send in sends for fact in (send.fact, send.mended) if fact]

    def _outage(self) -> None:
        outage, third = self._run.outage, self._scenario.third
        mailbox = Mailbox(self._stack)
        self._heading("Salesforce goes away: every call is answered 503")
        begin_outage(self._stack)
        with bar(self._console, "Posting updates meanwhile", sum(len(lane) for lane in third)) as show:
            lanes, advance = iter(third), _counter(show)
            wait_for_alert(outage, mailbox, WAITS, lambda: self._send(islice(lanes, A_FEW), advance))
            outage.was_trigger_off = is_trigger_off(self._stack)
            self._send(lanes, advance)
        self._tell_alerts()
        self._heading("Meanwhile somebody mends the value that no picklist takes")
        for name in self._run.names_of(Kind.UNFIT):
            self._operator.mend(name)
        self._heading("Salesforce is back; Lockstep is not told, it tries after 20 seconds by itself")
        end_outage(self._stack)
        wait_for_alert(outage, mailbox, GOES_ON, lambda: run_now(self._stack, MONITOR))
        self._tell_alerts(since=1)
        run_now(self._stack, RETRY)
        self._wait(self._run.accepted, "Waiting until Salesforce has what waited")
        outage.tries = tries_spent(self._stack, self._run.names_of(Kind.AWAY))

    def _look(self) -> None:
        run = self._run
        self._heading("The books: every accepted change, and where it is")
        run.books = self._operator.account()
        run.failed_commands = self._operator.failed
        run.expected = expected_records([*self._facts(), *(row.fact for row in self._scenario.export)])
        run.org = read_org(self._stack)
        run.api_calls = count_api_calls(self._stack)
        run.changed = read_changed_values(self._stack, UPSERT)
        run.file.changed = read_changed_values(self._stack, BULK_SUBMIT)

    def _post(self, lanes: Sequence[Lane], title: str) -> None:
        with bar(self._console, title, sum(len(lane) for lane in lanes)) as show:
            self._send(lanes, _counter(show))

    def _send(self, lanes: Iterable[Lane], advance: Callable[[], None]) -> None:
        self._run.answers += post_all(self._stack, list(lanes), advance)

    def _wait(self, wanted: Collection[str], title: str) -> None:
        with bar(self._console, title, len(wanted)) as show:
            self._run.log = wait_until_settled(self._stack, wanted, DEADLINE_S, show)

    def _heading(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/]")

    def _tell_alerts(self, since: int = 0) -> None:
        for subject in self._run.outage.alerts[since:]:
            self._console.print(f"  [yellow]alert[/] {escape(subject)}")


def _counter(show: Callable[[int], None]) -> Callable[[], None]:
    """Turn "one more" into "so many", from any thread."""
    done, lock = itertools.count(1), threading.Lock()

    def advance() -> None:
        with lock:
            show(next(done))

    return advance
