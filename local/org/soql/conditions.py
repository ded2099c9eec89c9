"""Compiles WHERE into a test of one record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.org.describe_fields import is_long_text
from local.org.schema import FieldSchema
from local.org.soql.errors import INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR, SoqlError
from local.org.soql.literals import Span, family_of, value_for
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Comparison, Condition, Junction, LiteralKind, Operand, Path, SemiJoin
from local.org.soql.text import like_matcher, unescape

Test = Callable[[Any], bool]
"""A test of a record, or of a group of them."""
_ValueTest = Callable[[Any], bool]

_EQUAL = frozenset({"=", "!=", "IN", "NOT IN"})
_ORDERED = _EQUAL | {"<", "<=", ">", ">="}
_OPERATORS: Mapping[str, frozenset[str]] = {
    "text": _ORDERED | {"LIKE"},
    "number": _ORDERED,
    "date": _ORDERED,
    "datetime": _ORDERED,
    "time": _ORDERED,
    "id": _EQUAL,
    "boolean": frozenset({"=", "!="}),
    "multipicklist": frozenset({"=", "!=", "INCLUDES", "EXCLUDES"}),
    "compound": frozenset(),
}
_NEGATED = {"!=": "=", "NOT IN": "IN", "EXCLUDES": "INCLUDES"}


@dataclass(frozen=True, slots=True)
class Filter:
    """A comparison whose field and values are known."""

    resolved: Resolved
    operator: str
    values: tuple[Any, ...]
    test: Test


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles conditions: `resolve` finds what they compare, `semi_join` tests against the answers of a query."""

    scope: Scope
    resolve: Callable[[Operand], Resolved]
    semi_join: Callable[[SemiJoin], Test]

    def condition(self, condition: Condition) -> tuple[Test, list[Filter]]:
        """Return the test, and the comparisons of fields that every record passing it must pass too.

        Raises:
            SoqlError: A field is unknown or cannot be filtered so, or a value is of another type.
        """
        if isinstance(condition, SemiJoin):
            return self.semi_join(condition), []
        if isinstance(condition, Comparison):
            comparison = self._comparison(condition)
            return comparison.test, [comparison] if isinstance(condition.operand, Path) else []
        return self._junction(condition)

    def _junction(self, junction: Junction) -> tuple[Test, list[Filter]]:
        members = [self.condition(member) for member in junction.members]
        tests = [test for test, _ in members]
        if junction.operator == "AND":
            return _all(tests), [each for _, necessary in members for each in necessary]
        return (_any(tests) if junction.operator == "OR" else _not(tests[0])), []

    def _comparison(self, comparison: Comparison) -> Filter:
        resolved = self.resolve(comparison.operand)
        operand = comparison.operand
        word = operand.words[-1] if isinstance(operand, Path) else operand.function
        try:
            _check(resolved.field, comparison.operator)
            values, test_value = _value_test(resolved.field, comparison, self.scope.now)
        except SoqlError as exc:
            raise self.scope.refuse(word, exc.message, exc.error_code) from exc
        return Filter(resolved, comparison.operator, values, _on_record(resolved, test_value))


def _check(field: FieldSchema, operator: str) -> None:
    if is_long_text(field) or family_of(field) == "compound" or field.type == "encryptedstring":
        raise SoqlError(INVALID_FIELD, f"field '{field.name}' can not be filtered in a query call")
    if operator not in _OPERATORS[family_of(field)]:
        raise SoqlError(INVALID_QUERY_FILTER_OPERATOR, f"invalid operator on {field.type} field: {operator}")


def _value_test(field: FieldSchema, comparison: Comparison, now: datetime) -> tuple[tuple[Any, ...], _ValueTest]:
    if comparison.operator == "LIKE" and comparison.literals[0].kind is LiteralKind.TEXT:
        return (), _null_safe(like_matcher(comparison.literals[0].text))
    if comparison.operator in {"INCLUDES", "EXCLUDES"}:
        return (), _negate_if(comparison.operator, _includes(comparison))
    values = tuple(value_for(field, literal, now) for literal in comparison.literals)
    base = _NEGATED.get(comparison.operator, comparison.operator)
    test = _equals(field, values) if base in {"=", "IN"} else _ordered(field, base, values[0])
    return values, _negate_if(comparison.operator, test)


def _negate_if(operator: str, test: _ValueTest) -> _ValueTest:
    """A negated operator also lets nulls pass, as in an org."""
    return (lambda value: not test(value)) if operator in _NEGATED else test


def _null_safe(test: _ValueTest) -> _ValueTest:
    return lambda value: value is not None and test(value)


def _folds(field: FieldSchema) -> bool:
    return family_of(field) in {"text", "multipicklist"} and not field.case_sensitive


def _equals(field: FieldSchema, values: Sequence[Any]) -> _ValueTest:
    spans = [value for value in values if isinstance(value, Span)]
    wanted = frozenset(values) - frozenset(spans)
    if spans:
        return lambda value: value in wanted or (value is not None and any(each.covers(value) for each in spans))
    if _folds(field):
        return lambda value: (None if value is None else value.lower()) in wanted
    return lambda value: value in wanted


def _ordered(field: FieldSchema, operator: str, bound: Any) -> _ValueTest:
    if bound is None:
        return lambda _value: False
    if isinstance(bound, Span):
        # Before a span means before its start; after it means from its end on.
        bound, operator = (bound.start, operator) if operator in {"<", ">="} else (bound.end, _SPAN_ENDS[operator])
    compare = _COMPARE[operator]
    if _folds(field):
        return lambda value: value is not None and compare(value.lower(), bound)
    return lambda value: value is not None and compare(value, bound)


_SPAN_ENDS = {">": ">=", "<=": "<"}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda value, bound: bool(value < bound),
    "<=": lambda value, bound: bool(value <= bound),
    ">": lambda value, bound: bool(value > bound),
    ">=": lambda value, bound: bool(value >= bound),
}


def _includes(comparison: Comparison) -> _ValueTest:
    """Each wanted text may ask for several entries at once, joined by semicolons."""
    if any(literal.kind is not LiteralKind.TEXT for literal in comparison.literals):
        raise SoqlError(INVALID_QUERY_FILTER_OPERATOR, f"{comparison.operator} takes texts only")
    wanted = [frozenset(unescape(literal.text).lower().split(";")) for literal in comparison.literals]
    return _null_safe(lambda value: any(each <= set(value.lower().split(";")) for each in wanted))


def _on_record(resolved: Resolved, test: _ValueTest) -> Test:
    get = resolved.get
    return lambda record: test(get(record))


def _all(tests: Sequence[Test]) -> Test:
    return lambda record: all(test(record) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    return lambda record: any(test(record) for test in tests)


def _not(test: Test) -> Test:
    return lambda record: not test(record)
