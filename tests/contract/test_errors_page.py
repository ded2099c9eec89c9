"""docs/errors.md and the code say the same of every failure."""

import re

import pytest

from lockstep.adapters.salesforce_failures import KIND_BY_CODE, STALE_TOKEN
from lockstep.domain.backoff import SHORT_WAITS, RetrySchedule
from lockstep.domain.failures import DISPOSITIONS, Disposition, FailureKind
from tests.contract.template import ROOT, template

PAGE = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
KINDS, CODES = PAGE.split("## Kinds")[1].split("## Salesforce's codes")
WORDS = {
    Disposition.REJECT: "refuses the request",
    Disposition.DISCARD: "settles it",
    Disposition.RETRY: "schedule",
    Disposition.RETRY_SOON: "seconds, then schedule",
    Disposition.HALT: "waits, counts nothing",
    Disposition.PERSON: "Pending at once",
}


def _rows(part):
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line.startswith("| `")
    ]


def test_page_tells_every_kind_and_what_is_done_about_it():
    told = {row[0].strip("` "): row[2] for row in _rows(KINDS)}

    assert told == {kind.value: WORDS[DISPOSITIONS[kind]] for kind in FailureKind}


@pytest.mark.parametrize("row", _rows(KINDS), ids=lambda row: row[0])
def test_page_tells_cause_and_remedy(row):
    assert len(row) == 4
    assert all(len(cell) > 7 for cell in row)


def test_page_tells_every_code_and_its_kind():
    told = {row[0].strip("` "): row[1].strip("` ") for row in _rows(CODES)}

    assert told == {code: kind.value for code, kind in KIND_BY_CODE.items()}
    assert STALE_TOKEN in CODES


def test_page_and_template_tell_the_schedule():
    schedule = RetrySchedule()
    waits = [
        (schedule.wait_s(FailureKind.UNEXPECTED, tries, lambda low, _: low) or 0) // 60
        for tries in range(1, schedule.max_tries)
    ]

    assert f"after {', '.join(map(str, waits[:-1]))} and {waits[-1]} minutes" in PAGE
    assert f"after the {schedule.max_tries}th failed try" in PAGE
    assert re.search(r"five short waits", PAGE)
    assert SHORT_WAITS == 5
    assert template()["Parameters"]["MaxTries"]["Default"] == schedule.max_tries
    assert template()["Parameters"]["FirstRetrySeconds"]["Default"] == schedule.first_retry_s
