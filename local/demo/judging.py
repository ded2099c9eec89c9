"""The demo's judgement of a run: everything that is not as it should be, a line each."""

from collections.abc import Callable

from local.demo.comparing import differences
from local.demo.outage import GOES_ON, WAITS
from local.demo.run import Run
from local.demo.sends import Kind


def problems(run: Run) -> list[str]:
    """Return what is wrong; nothing where the run went as it should."""
    return [line for check in _CHECKS for line in check(run)] + differences(run.expected, run.org)


def _wrong_answers(run: Run) -> list[str]:
    return [
        f"{each.send.event.source} {each.send.event.topic} ({each.send.kind}): answered {each.status} "
        f"{each.body.get('detail', '')}, expected {each.send.expected_status.value}"
        for each in run.answers
        if not each.is_expected
    ]


def _repeated(run: Run) -> list[str]:
    return [
        f"{each.correlation_id}: its second delivery was not known"
        for each in run.answers
        if each.send.kind is Kind.AGAIN and each.body.get("known") != 1
    ]


def _unsettled(run: Run) -> list[str]:
    """Nothing may be left for a person: the only one that needed somebody was mended."""
    lost = [f"{name}: accepted, but not in the change log" for name in run.accepted if name not in run.log]
    logged = [run.log[name] for name in run.accepted if name in run.log]
    return lost + [
        f"{each.correlation_id} ({each.source} {each.entity} {each.external_id}): {each.state} {each.failure}"
        for each in logged
        if not each.is_settled
    ]


def _unexplained(run: Run) -> list[str]:
    """A refused value must wait for a person and name its field, and a cut text must be counted."""
    told = [
        f"{each.correlation_id}: was {each.state}, and did not name Industry: {each.failure}"
        for each in run.unfit
        if each.state != "Pending" or "Industry" not in each.failure
    ]
    if not run.unfit:
        told.append("the value that no picklist takes was not refused")
    if not any(each.field == "Account.BillingStreet" for each in run.changed):
        told.append("Account.BillingStreet: cut, but not counted")
    return told


def _storm(run: Run) -> list[str]:
    if run.refused_rows == run.storm_rows:
        return []
    return [f"the lock storm refused {run.refused_rows} rows, expected {run.storm_rows}"]


def _outage(run: Run) -> list[str]:
    outage = run.outage
    told = [f"no alert said {each!r}" for each in (WAITS, GOES_ON) if not outage.was_told(each)]
    if not outage.was_trigger_off:
        told.append("the outage did not switch off the trigger of the upsert function")
    if outage.tries:
        told.append(f"the outage spent {outage.tries} tries")
    return told


def _file(run: Run) -> list[str]:
    """Every row of the file must be where it belongs, and every row that was put right must have arrived."""
    file = run.file
    bad = sum(1 for row in file.export if row.fault)
    again = {"rows": bad, "succeeded": bad}
    told = [
        f"the {name}: {count} is {load.get(count)}, expected {number}"
        for name, load, expected in (
            ("file", file.load, file.counts_expected(run.told)),
            ("rejects", file.again, again),
        )
        for count, number in expected.items()
        if load.get(count) != number
    ]
    return told + [
        f"the {name}: {load.get('state')}, its rows {'add up' if load.get('is_balanced') else 'do NOT add up'}"
        for name, load in (("file", file.load), ("rejects", file.again))
        if load.get("state") != "Done" or not load.get("is_balanced")
    ]


def _commands(run: Run) -> list[str]:
    return [f"{each.command}: exit code {each.exit_code} {each.complaint}".strip() for each in run.failed_commands]


_CHECKS: tuple[Callable[[Run], list[str]], ...] = (
    _wrong_answers,
    _repeated,
    _unsettled,
    _unexplained,
    _storm,
    _outage,
    _file,
    _commands,
)
