"""Runs an object's validation rules on a save: all of them, so that every rule that fires is reported."""

from collections.abc import Sequence

from local.org.clock import OrgClock
from local.org.errors import RowError
from local.org.formulas import EvaluationError, Scene
from local.org.record import Record
from local.org.schema import ValidationRule
from local.org.store import Store
from local.org.table import Table

_CODE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


class Validator:
    """Knows the rules of every object, and the user whose saves they check."""

    def __init__(self, store: Store, clock: OrgClock, user_id: str, permissions: frozenset[str]) -> None:
        self._store = store
        self._clock = clock
        self._user_id = user_id
        self._permissions = permissions
        self._rules = {name: rules for name, rules in store.schema.validation_rules.items() if rules}
        self._rules_of_new = {
            name: [rule for rule in rules if not rule.for_updates_only] for name, rules in self._rules.items()
        }

    def has_rules(self, table: Table) -> bool:
        """Tell whether a save of the object is to be checked."""
        return table.schema.name in self._rules

    def check(self, table: Table, record: Record, *, before: Record | None) -> None:
        """Check a record as it would be saved; `before` is the record as it is, None where it is new.

        Raises:
            RowError: The first rule that fires, with the others that do.
        """
        rules = (self._rules_of_new if before is None else self._rules).get(table.schema.name)
        if not rules:
            return
        scene = Scene(record, before, self._store, self._clock, self._user_id, self._permissions)
        fired = _refusals(rules, scene)
        if fired:
            first, *others = fired
            first.others = tuple(others)
            raise first


def _refusals(rules: Sequence[ValidationRule], scene: Scene) -> list[RowError]:
    refusals = []
    for rule in rules:
        try:
            if not rule.fires(scene):
                continue
            message, fields = rule.message, [rule.display_field] if rule.display_field else []
        except EvaluationError as exc:
            message, fields = f'Validation Formula "{rule.name}" Invalid ({exc})', []
        refusals.append(RowError(_CODE, message, fields))
    return refusals
