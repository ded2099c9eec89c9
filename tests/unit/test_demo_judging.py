"""The demo's judgement of what happened on the way: what it must not let pass."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console

from local.demo.changed_values import ChangedValues
from local.demo.desk import Typed, mended
from local.demo.expectation import newest_stamps
from local.demo.judging import problems
from local.demo.lock_storm import REFUSALS_EACH
from local.demo.night_file import NightFile
from local.demo.outage import GOES_ON, WAITS, Outage
from local.demo.posting import Answer
from local.demo.report import print_report, print_verdict
from local.demo.run import Run
from local.demo.scenario import make_scenario
from local.demo.sends import Kind
from local.demo.settling import Logged

SENT_AT = datetime(2026, 1, 16, tzinfo=UTC)
SCENARIO = make_scenario(1, exported=200)
(UNFIT,) = (lane[0] for lane in SCENARIO.first if lane[0].kind is Kind.UNFIT)
APPLIED = Logged("c1", "Applied", "erp", "account", "00000001", "", SENT_AT)
PENDING = replace(APPLIED, state="Pending", failure="MAPPING_FAILED Industry: the value is not in the value table")
LOADED = {
    "state": "Done",
    "is_balanced": True,
    "rows": 200,
    "rejected": 15,
    "collapsed": 12,
    "superseded": 20,
    "succeeded": 153,
}
AGAIN = {"state": "Done", "is_balanced": True, "rows": 15, "succeeded": 15}


def _told():
    """Return the newest stamps of all that was told before the file."""
    waves = (*SCENARIO.first, *SCENARIO.second)
    return newest_stamps(send.fact for lane in waves for send in lane if send.fact)


@pytest.fixture
def run() -> Run:
    """A run in which everything went as it should."""
    return Run(
        locked=frozenset({"1", "2"}),
        answers=[Answer(UNFIT, SENT_AT, 1, 202, {"correlation_ids": ["c1"]})],
        log={"c1": APPLIED},
        refused_rows=2 * REFUSALS_EACH,
        outage=Outage(
            [f"[lockstep] {WAITS}: Salesforce does not answer", f"[lockstep] {GOES_ON} after 24 s"],
            was_trigger_off=True,
        ),
        unfit=[PENDING],
        file=NightFile(SCENARIO.export, LOADED, AGAIN),
        told=_told(),
        changed=[ChangedValues("Account.BillingStreet", "cut to 255 characters", 1)],
    )


def test_run_as_it_should_be_has_no_problem(run):
    assert problems(run) == []


def _storm_too_small(run):
    run.refused_rows -= 1


def _still_pending(run):
    run.log = {"c1": PENDING}


def _abandoned(run):
    run.log = {"c1": replace(APPLIED, state="Abandoned")}


def _lost(run):
    run.log = {}


def _never_refused(run):
    run.unfit = []


def _refused_without_reason(run):
    run.unfit = [replace(PENDING, failure="MAPPING_FAILED")]


def _nobody_told_of_the_outage(run):
    run.outage.alerts = run.outage.alerts[1:]


def _nobody_told_of_its_end(run):
    run.outage.alerts = run.outage.alerts[:1]


def _trigger_left_on(run):
    run.outage.was_trigger_off = False


def _try_spent(run):
    run.outage.tries = 1


def _books_with_a_gap(run):
    run.failed_commands = [Typed("./lockstep account", 1, "The books are NOT balanced.", "")]


def _row_lost(run):
    run.file.load = LOADED | {"succeeded": 152, "is_balanced": False}


def _older_row_won(run):
    run.file.load = LOADED | {"superseded": 19, "succeeded": 154}


def _rejects_forgotten(run):
    run.file.again = {}


@pytest.mark.parametrize(
    ("go_wrong", "told"),
    [
        (_storm_too_small, "the lock storm refused 3 rows, expected 4"),
        (_still_pending, "c1 (erp account 00000001): Pending"),
        (_abandoned, "c1 (erp account 00000001): Abandoned"),
        (_lost, "c1: accepted, but not in the change log"),
        (_never_refused, "no picklist takes was not refused"),
        (_refused_without_reason, "did not name Industry"),
        (_nobody_told_of_the_outage, "no alert said 'Lockstep waits'"),
        (_nobody_told_of_its_end, "no alert said 'Lockstep goes on'"),
        (_trigger_left_on, "did not switch off the trigger"),
        (_try_spent, "the outage spent 1 tries"),
        (_books_with_a_gap, "./lockstep account: exit code 1"),
        (_row_lost, "the file: Done, its rows do NOT add up"),
        (_older_row_won, "the file: superseded is 19, expected 20"),
        (_rejects_forgotten, "the rejects: succeeded is None, expected 15"),
    ],
    ids=lambda each: each.__name__.strip("_") if callable(each) else "",
)
def test_what_went_wrong_is_told(run, go_wrong, told):
    go_wrong(run)

    assert any(told in line for line in problems(run)), problems(run)


def test_mended_payload_is_what_the_org_is_expected_to_learn_from():
    body = mended(UNFIT.event.body.decode())

    assert '"industry":"manufacturing"' in body
    assert UNFIT.mended is not None
    assert UNFIT.mended.fields["Industry"] == "Manufacturing"


def test_report_says_what_was_in_the_way(run):
    run.org = {"Account": [], "Contact": [], "Order": []}
    printed = _printed(lambda console: print_report(run, console, 60.0))

    assert f"{2 * REFUSALS_EACH} UNABLE_TO_LOCK_ROW" in printed
    assert "refused, erp account 1 Pending, edited, retried, Applied" in printed
    assert "tries that the outage spent 0" in printed
    assert "a webhook had told something newer 20" in printed
    assert "corrected, loaded again 15" in printed


@pytest.mark.parametrize("tries", [0, 1])
def test_verdict_is_good_only_where_nothing_is_wrong(run, tries):
    run.outage.tries = tries
    verdicts = []
    printed = _printed(lambda console: verdicts.append(print_verdict(run, console)))

    assert verdicts == [tries == 0]
    assert ("exactly what it should" in printed) is (tries == 0)


def _printed(show):
    output = io.StringIO()
    show(Console(file=output, width=200, highlight=False))
    return " ".join(output.getvalue().split())
