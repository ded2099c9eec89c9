"""The night's file: put by the operator's command, followed to its last row, its rejects corrected and loaded again."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.demo.changed_values import ChangedValues
from local.demo.desk import Operator, short_path
from local.demo.expectation import RecordKey, newest_stamps
from local.demo.exports import Export, Fault, correct, export_text

ROUTE = "erp_account"
LOADED_WITHIN_S = 180.0
SOME_FAILED = 1  # the exit code of `lockstep load`
_LOAD = re.compile(r"^load +(\S+)", re.MULTILINE)
_CUT_CHARS = 96


@dataclass(slots=True)
class NightFile:
    """What `lockstep load show` said of the load and of that of its corrected rejects; `faults` are what was wrong."""

    export: Export = ()
    load: Mapping[str, Any] = field(default_factory=dict)
    again: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    api_calls: int = 0
    changed: Sequence[ChangedValues] = ()

    def counts_expected(self, told: Mapping[RecordKey, int]) -> dict[str, int]:
        """Work out where the rows must be, from the stamps that webhooks had told by then."""
        bad = sum(1 for row in self.export if row.fault)
        good = [row.fact for row in self.export if row.fault is None]
        newest = newest_stamps(good)
        superseded = sum(1 for key, stamp in newest.items() if stamp < told.get(key, stamp))
        return {
            "rows": len(self.export),
            "rejected": bad,
            "collapsed": len(good) - len(newest),
            "superseded": superseded,
            "succeeded": len(newest) - superseded,
        }


def load_night_file(operator: Operator, folder: Path, export: Export) -> NightFile:
    """Load the file, and what was wrong with it once more."""
    found = NightFile(export)
    file, rejects = folder / "nightly.csv", folder / "rejects.csv"
    file.write_text(export_text(export), encoding="utf-8")
    rejects.unlink(missing_ok=True)
    bad = sum(1 for row in export if row.fault)
    operator.say(f"{short_path(file)}: {len(export):,} accounts, {file.stat().st_size / 1e6:.1f} MB, {bad} lines wrong")
    found.load = _loaded(operator, SOME_FAILED, short_path(file), "--route", ROUTE)
    if not found.load:
        return found
    name = found.load["load_id"]
    operator.show(operator.type("load", "rejects", name, "--to", short_path(rejects)))
    for line in _reasons(rejects):
        operator.say(line)
    found.faults = correct(rejects, export)
    operator.say(f"rejects.csv: each of its {len(found.faults)} rows put right in an editor")
    found.again = _loaded(operator, 0, short_path(rejects), "--rejects", name)
    operator.show(operator.type("loads"))
    return found


def _reasons(rejects: Path) -> Iterator[str]:
    """Give what the columns of Lockstep say, each reason once, with the last line that has it."""
    with rejects.open(encoding="utf-8", newline="") as opened:
        told = {(row["lockstep_code"], row["lockstep_message"]): row["lockstep_line"] for row in csv.DictReader(opened)}
    for (code, message), line in told.items():
        text = f"line {line}  {code}  {message.removeprefix(f'line {line}: ')}"
        yield text if len(text) <= _CUT_CHARS else f"{text[:_CUT_CHARS]}…"


def _loaded(operator: Operator, expected: int, *words: str) -> Mapping[str, Any]:
    """Type the command, and return what is known of the load; nothing where there is none."""
    followed = operator.type("load", *words, expected=expected, within_s=LOADED_WITHIN_S)
    operator.show(followed)
    found = _LOAD.search(followed.output)
    if found is None:
        return {}
    shown = operator.type("load", "show", found[1], "--json")
    return dict(json.loads(shown.output)) if not shown.exit_code else {}
