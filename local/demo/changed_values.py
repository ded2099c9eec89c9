"""What the mapping did to values because a route asked for it, as a function logged it."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from local.stack import Stack

_SAYS_SO = '"mapping changed values"'


@dataclass(frozen=True, slots=True)
class ChangedValues:
    """So many values of one field were cut, rounded or defaulted; `field` is Object.Field."""

    field: str
    what: str
    count: int


UPSERT, BULK_SUBMIT = "upsert", "bulksubmit"


def read_changed_values(stack: Stack, function: str) -> list[ChangedValues]:
    """Read a function's log as a person could."""
    stack.save_function_logs()
    log = stack.folders.log(f"function-{function}")
    return list(_told(log.read_text(encoding="utf-8").splitlines())) if log.exists() else []


def _told(lines: Iterable[str]) -> Iterable[ChangedValues]:
    """Add up what the batches say."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if _SAYS_SO in line:
            told = json.loads(line)
            counts[f"{told['object']}.{told['field']}", told["what"]] += told["count"]
    return [ChangedValues(field, what, count) for (field, what), count in sorted(counts.items())]
