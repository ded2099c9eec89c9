"""`lockstep status`: whether changes flow, and whether somebody has to do something."""

from enum import IntEnum

import typer
from rich.console import Console

from cli.failure import tells
from cli.options import AsJson
from cli.org import utc_now
from cli.parts import StackParts
from cli.shown import cell, local_time, print_json, say, table
from cli.stack import DEFAULT_STACK, StackName, StateFolder, chosen_stack
from cli.status_facts import StackStatus, read_stack_status
from lockstep.adapters.queue_depth import Depth
from lockstep.domain.error_list import AGE_CLASSES


class Health(IntEnum):
    """The value is the command's exit code; 2 is that nobody can tell, because AWS does not answer."""

    HEALTHY = 0
    NEEDS_PEOPLE = 1


@tells
def status(*, as_json: AsJson = False, stack: StackName = DEFAULT_STACK, state_folder: StateFolder = None) -> None:
    """Show queues, circuit, API calls, rates and failures: exit code 0 healthy, 1 needs people, 2 cannot tell."""
    found = read_stack_status(StackParts(chosen_stack(stack, state_folder)), utc_now())
    health = Health.NEEDS_PEOPLE if found.problems else Health.HEALTHY
    if as_json:
        print_json({"verdict": health.name.lower(), **found.as_json()})
    else:
        _show(found, Console())
        say(Console(), health.name.lower().replace("_", " "))
    raise typer.Exit(int(health))


def _show(found: StackStatus, console: Console) -> None:
    for title, value in (
        ("stack", found.stack),
        ("inbound queue", _depth(found.inbound)),
        ("dead letters", _depth(found.dead_letters)),
        ("oldest change", _seconds(found.oldest_change_s)),
        ("circuit", _circuit(found)),
        ("API calls", _usage(found)),
        ("last hour", _rates(found)),
    ):
        say(console, f"{title:<15} {value}")
    if found.errors:
        lines = table("status", "kind", *AGE_CLASSES, whole=("status",))
        for name, kinds in found.errors.items():
            for kind, ages in kinds.items():
                lines.add_row(cell(name), cell(kind), *(str(ages.get(each, 0)) for each in AGE_CLASSES))
        say(console, "\nopen failures by age:")
        console.print(lines)
    if found.given_up:
        say(console, f"{found.given_up} more were given up by people")
    for problem in found.problems:
        say(console, f"\n! {problem}")


def _depth(depth: Depth) -> str:
    return f"about {depth.visible} visible, {depth.in_flight} in flight, {depth.delayed} delayed"


def _seconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{seconds:.0f} seconds"


def _circuit(found: StackStatus) -> str:
    circuit = found.circuit
    since = f" since {local_time(circuit.since)}" if circuit.since else ""
    if circuit.is_closed or circuit.reason is None:
        return f"{circuit.position.value}{since}"
    probe = local_time(circuit.next_probe_at)
    return f"{circuit.position.value}{since}: {circuit.reason.value}; next probe {probe}"


def _usage(found: StackStatus) -> str:
    usage = found.usage
    if usage is None:
        return "unknown"
    return f"{usage.used} of {usage.maximum} in 24 hours, as of {local_time(usage.read_at)}"


def _rates(found: StackStatus) -> str:
    if found.rates is None:
        return "unknown: CloudWatch has no metrics, and the change log is too large to be read for it"
    told = ", ".join(f"{count} {name}" for name, count in found.rates.counts.items())
    return f"{told} (from the {found.rates.told_by})"
