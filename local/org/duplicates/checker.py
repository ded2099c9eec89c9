"""Asks the duplicate rules before a record is saved; what to compare with is found by an index for each rule."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from local.org.derived_index import DerivedIndex
from local.org.duplicates.errors import DuplicatesError, Found
from local.org.duplicates.matching_rules import MatchItem
from local.org.duplicates.rules import DuplicateRule, Matcher
from local.org.record import ID, Record
from local.org.save_options import SaveOptions
from local.org.store import Store
from local.org.writes import Writer

_BLANK = ""  # the key of a blank that matches blanks


class DuplicateChecker:
    """The duplicate rules of one org at work."""

    def __init__(self, store: Store, writer: Writer, options: Callable[[], SaveOptions]) -> None:
        self._store = store
        self._writer = writer
        self._options = options
        self._indexes: dict[tuple[str, MatchItem], DerivedIndex] = {}
        self._save_number = -1
        self._saved: set[str] = set()

    def install(self, rules: Sequence[DuplicateRule]) -> None:
        """Let saves of the rules' objects be checked."""
        for rule in rules:
            table = self._store.table(rule.object_name)
            if table is not None:
                for matcher in rule.matchers:
                    self._index(matcher)
                table.own_steps().checks.append(self._check_of(rule))
                table.own_steps().after.append(self._note)

    def _index(self, matcher: Matcher) -> None:
        table = self._store.table(matcher.rule.object_name)
        for case in matcher.rule.cases:
            item = _key_item(matcher, case)
            key = (matcher.rule.object_name, item)
            if table is not None and key not in self._indexes:
                index = self._indexes[key] = DerivedIndex(_key_reader(item))
                for record in table.records():
                    index.add(record)
                table.derived.append(index)

    def _check_of(self, rule: DuplicateRule) -> Callable[[Record, Record | None], None]:
        watched = sorted({name for matcher in rule.matchers for name in matcher.inputs.values()})

        def check(record: Record, before: Record | None) -> None:
            action = rule.on_insert if before is None else rule.on_update
            options = self._options()
            if not (action.blocks or (action.alerts and not options.allow_save)):
                return
            if before is not None and all(record.get(name) == before.get(name) for name in watched):
                return  # an edit is checked only where it changes what a matching rule compares
            if rule.applies(record) and (found := self._found(rule, record)):
                raise DuplicatesError(
                    rule.alert,
                    rule.name,
                    rule.object_name,
                    found,
                    allows=not action.blocks,
                    shows_fields=options.include_record_details,
                )

        return check

    def _note(self, record: Record, _before: Record | None) -> None:
        """Records of one save are not compared with each other."""
        self._begin()
        self._saved.add(record[ID])

    def _begin(self) -> None:
        if self._save_number != self._writer.save_number:
            self._save_number = self._writer.save_number
            self._saved.clear()

    def _found(self, rule: DuplicateRule, record: Record) -> list[Found]:
        self._begin()
        found = []
        for matcher in rule.matchers:
            records = {each[ID]: each for each in self._matches(matcher, record)}
            if records:
                found.append(Found(matcher.rule, list(records.values())))
        return found

    def _matches(self, matcher: Matcher, record: Record) -> Iterator[Record]:
        items, inputs = matcher.rule.items, matcher.inputs
        for case in matcher.rule.cases:
            key_item = _key_item(matcher, case)
            key = _key(key_item, record.get(inputs[key_item.field]))
            index = self._indexes[matcher.rule.object_name, key_item]
            for other in index.find(key) if key is not None else ():
                if other[ID] != record[ID] and other[ID] not in self._saved:
                    pairs = ((items[place], record.get(inputs[items[place].field])) for place in case)
                    if all(_is_match(item, value, other.get(item.field)) for item, value in pairs):
                        yield other


def _key_item(matcher: Matcher, case: frozenset[int]) -> MatchItem:
    """Return the item of a case that finds the fewest records: an exact one before a fuzzy one."""
    items = [matcher.rule.items[place] for place in sorted(case)]
    return min(items, key=lambda item: (item.matches_blanks, item.method.is_fuzzy))


def _key_reader(item: MatchItem) -> Callable[[Record], str | None]:
    return lambda record: _key(item, record.get(item.field))


def _key(item: MatchItem, value: Any) -> str | None:
    key = item.method.key_of(value)
    return _BLANK if key is None and item.matches_blanks else key


def _is_match(item: MatchItem, one: Any, other: Any) -> bool:
    if one is None or other is None:
        return item.matches_blanks and one is None and other is None
    return item.method.is_match(one, other)
