"""What else a save does, in the platform's order: before-triggers, duplicate rules, after-triggers and roll-ups.

Most objects have none of it: their table's `steps` is None, and their saves pay nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.org.record import Record

Prepare = Callable[[Record, Record | None], Mapping[str, Any]]
"""Takes a record as it would be saved and as it was (None where it is new); returns what fields to change besides."""
Check = Callable[[Record, Record | None], None]
"""Takes the same; raises RowError where the save is refused, or to be taken back."""


@dataclass(slots=True)
class SaveSteps:
    """The steps of one object, each list in its order."""

    before: list[Prepare] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    after: list[Check] = field(default_factory=list)

    def check(self, record: Record, before: Record | None) -> None:
        """Refuse a save after its validation rules have passed."""
        for step in self.checks:
            step(record, before)

    def finish(self, record: Record, before: Record | None) -> None:
        """Do what follows the save."""
        for step in self.after:
            step(record, before)
