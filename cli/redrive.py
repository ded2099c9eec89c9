"""`lockstep redrive`: sends what no function could handle back to its queue, slowly, after the cause is mended."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from cli.errors_filter import found
from cli.errors_retry import reopened
from cli.failure import EXIT_PROBLEMS, CannotError, tells
from cli.options import AsJson, DryRun, Yes
from cli.org import utc_now
from cli.parts import StackParts
from cli.shown import confirmed, counted, print_json, say
from cli.stack import DEFAULT_STACK, StackName, StateFolder, chosen_stack
from lockstep.adapters.aws import aws_errors
from lockstep.domain.batches import slices
from lockstep.domain.changes import Change
from lockstep.domain.error_list import Wanted
from lockstep.domain.error_log import DueRetry, EntryStatus, ErrorEntry
from lockstep.domain.failures import FailureKind

MESSAGES_AT_ONCE = 10  # SQS API Reference, ReceiveMessage
AT_ONCE = 100
VISIBILITY_S = 120  # longer than ten messages take
_WANTED = Wanted(frozenset({EntryStatus.PENDING}), kind=FailureKind.HANDLER_FAILED.value)
# As the retry function puts off what it has claimed.
_AGAIN_AFTER = timedelta(minutes=30)


@dataclass(slots=True)
class Redriven:
    """What there was, and what became of it. `unreadable` are messages that are no change: they stay where they are."""

    entries: int = 0
    dead_letters: int = 0
    sent: int = 0
    unreadable: int = 0
    refused: int = 0
    is_dry_run: bool = False


@tells
def redrive(
    *,
    per_second: Annotated[int, typer.Option(min=1, max=1000, help="How many changes a second at most.")] = 50,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
) -> None:
    """Send back what came through the dead-letter queue. Says how many and asks; versions are checked as always."""
    parts = StackParts(chosen_stack(stack, state_folder))
    names = [entry.correlation_id for entry in found(parts, _WANTED)]
    report = Redriven(len(names), parts.depths.depths()[1].total, is_dry_run=dry_run)
    console = Console(stderr=as_json)
    logged = counted(report.entries, "failure")
    say(console, f"{logged} came through the dead-letter queue; about {report.dead_letters} lie in it.")
    if not dry_run and report.entries + report.dead_letters:
        _check(parts, report, agrees=yes)
        pace = Pace(per_second, utc_now, time.sleep)
        _send_entries(parts, names, pace, report)
        _send_messages(parts, pace, report)
    if as_json:
        print_json(asdict(report))
    elif not dry_run:
        say(console, f"{counted(report.sent, 'change')} sent; what is no change and stays: {report.unreadable}.")
    if report.unreadable or report.refused:
        raise typer.Exit(EXIT_PROBLEMS)


class Pace:
    """Lets no more than so many through in a second.

    Args:
        per_second: How many.
        clock: Tells the time.
        wait: Waits for seconds.
    """

    def __init__(self, per_second: int, clock: Callable[[], datetime], wait: Callable[[float], None]) -> None:
        self.per_second = per_second
        self._clock = clock
        self._wait = wait
        self._free_at = clock()

    def take(self, count: int) -> None:
        """Wait until the ones before have had their time."""
        now = self._clock()
        if self._free_at > now:
            self._wait((self._free_at - now).total_seconds())
        self._free_at = max(self._free_at, now) + timedelta(seconds=count / self.per_second)


def _check(parts: StackParts, report: Redriven, *, agrees: bool) -> None:
    if not parts.circuits.load().is_closed:
        raise CannotError("the circuit is open: what is sent now would only wait. `lockstep status` says why")
    if not agrees and not confirmed(f"Send {counted(report.entries + report.dead_letters, 'change')} again?"):
        raise CannotError("nothing was changed")


def _send_entries(parts: StackParts, names: Sequence[str], pace: Pace, report: Redriven) -> None:
    for part in slices(names, min(AT_ONCE, pace.per_second)):
        entries = [entry for entry in parts.error_log.get(part) if _is_meant(entry)]
        pace.take(len(entries))
        now = utc_now().replace(microsecond=0)
        due = [DueRetry(name, now) for name in reopened(parts, entries, now)]
        # What the retry function has claimed meanwhile is sent by it.
        changes = [entry.change for entry in parts.error_log.claim(due, now + _AGAIN_AFTER) if entry.change]
        are_sent = parts.inbound.send(changes) if changes else ()
        report.sent += sum(are_sent) + len(due) - len(changes)
        report.refused += len(changes) - sum(are_sent)


def _send_messages(parts: StackParts, pace: Pace, report: Redriven) -> None:
    for messages in _received(parts):
        readable = [(each, change) for each in messages if (change := _change(each["Body"]))]
        report.unreadable += len(messages) - len(readable)
        pace.take(len(readable))
        changes = [change.model_copy(update={"tries": 0, "deferrals": 0}) for _, change in readable]
        are_sent = parts.inbound.send(changes) if changes else ()
        for (message, _), is_sent in zip(readable, are_sent, strict=True):
            # Sent before it is deleted: a crash in between sends it twice, and the second is told by its outcome.
            if is_sent:
                with aws_errors("deleting a dead letter"):
                    parts.sqs.delete_message(QueueUrl=parts.dead_letter_url, ReceiptHandle=message["ReceiptHandle"])
        report.sent += sum(are_sent)
        report.refused += len(changes) - sum(are_sent)


def _received(parts: StackParts) -> Iterator[list[dict[str, str]]]:
    """Give what lies in the dead-letter queue, each message once; the dead_letter function may take some of it."""
    seen: set[str] = set()
    while True:
        with aws_errors("reading the dead-letter queue"):
            answer = parts.sqs.receive_message(
                QueueUrl=parts.dead_letter_url,
                MaxNumberOfMessages=MESSAGES_AT_ONCE,
                VisibilityTimeout=VISIBILITY_S,
                WaitTimeSeconds=1,
            )
        fresh = [each for each in answer.get("Messages", []) if each["MessageId"] not in seen]
        if not fresh:
            return
        seen |= {each["MessageId"] for each in fresh}
        yield fresh


def _change(body: str) -> Change | None:
    try:
        return Change.model_validate_json(body)
    except ValidationError:
        return None


def _is_meant(entry: ErrorEntry) -> bool:
    return entry.status is EntryStatus.PENDING and entry.change is not None
