"""`Id IN (SELECT AccountId FROM Contact)`: where another query's answers may stand, and what they may be."""

from collections.abc import Callable, Iterator

from local.org.soql.errors import MALFORMED_QUERY, SoqlError
from local.org.soql.literals import family_of
from local.org.soql.scope import Resolved, Scope
from local.org.soql.syntax import Condition, Junction, Path, Query, Selected, SemiJoin, first_word, written
from local.org.soql.tables import Record

_MOST = 2


def check_places(scope: Scope, condition: Condition | None, *, is_inner: bool) -> None:
    """Check that semi-joins stand only among the conditions that all must hold.

    Raises:
        SoqlError: One stands elsewhere, or there are too many.
    """
    joins = list(_semi_joins(condition))
    if joins and is_inner:
        raise _refused(scope, joins[0], "Nesting of semi join sub-selects is not supported")
    if len(joins) > _MOST:
        raise _refused(scope, joins[_MOST], f"Maximum {_MOST} semi join sub-selects are allowed in one query")
    if not isinstance(condition, Junction):
        return
    if joins and condition.operator == "OR" and any(isinstance(each, SemiJoin) for each in condition.members):
        raise _refused(scope, joins[0], "Semi join sub-selects are not allowed with the 'OR' operator")
    direct = 0 if condition.operator != "AND" else sum(isinstance(each, SemiJoin) for each in condition.members)
    if len(joins) > direct:
        message = (
            "Semi join sub-selects are only allowed at the top level WHERE expressions "
            "and not in nested WHERE expressions."
        )
        raise _refused(scope, joins[0], message)


def _semi_joins(condition: Condition | None) -> Iterator[SemiJoin]:
    if isinstance(condition, SemiJoin):
        yield condition
    elif isinstance(condition, Junction):
        for member in condition.members:
            yield from _semi_joins(member)


def _refused(scope: Scope, join: SemiJoin, message: str) -> SoqlError:
    return scope.refuse(first_word(join.operand), message, MALFORMED_QUERY)


def compile_semi_join(
    scope: Scope, join: SemiJoin, select: Callable[[Scope, Query], Callable[[], Iterator[Record]]]
) -> Callable[[Record], bool]:
    """Return the test of a semi-join; the query within runs once, when the first record is tested.

    Raises:
        SoqlError: One of its two fields is no id, or both are of one object.
    """
    outer = _outer_field(scope, join)
    inner_scope = scope.within(join.query)
    inner = _inner_field(inner_scope, join.query)
    if inner_scope.table is scope.table or inner_scope.table.schema.name == scope.table.schema.name:
        raise _refused(scope, join, "The inner and outer selects should not be on the same object type")
    records = select(inner_scope, join.query)
    found: set[str] | None = None

    def is_among(record: Record) -> bool:
        nonlocal found
        if found is None:
            found = {value for each in records() if (value := inner.get(each)) is not None}
        return (outer.get(record) in found) == (join.operator == "IN")

    return is_among


def _outer_field(scope: Scope, join: SemiJoin) -> Resolved:
    if not isinstance(join.operand, Path) or family_of((resolved := scope.resolve(join.operand)).field) != "id":
        message = (
            "The left operand field in the where expression for outer query should be an id field, cannot use: "
            f"'{written(join.operand)}'"
        )
        raise _refused(scope, join, message)
    return resolved


def _inner_field(scope: Scope, query: Query) -> Resolved:
    only = query.selected[0]
    word = query.object_name
    if query.orderings or query.limit is not None or query.offset or query.groups or query.having:
        message = "Semi join sub-selects can have a WHERE clause only"
        raise scope.refuse(word, message, MALFORMED_QUERY)
    if len(query.selected) > 1 or not isinstance(only, Selected) or not isinstance(only.operand, Path):
        raise scope.refuse(word, "Semi join sub-selects must select exactly one id field", MALFORMED_QUERY)
    resolved = scope.resolve(only.operand)
    if family_of(resolved.field) != "id":
        message = f"Semi join sub-selects can only query id fields, cannot use: '{written(only.operand)}'"
        raise scope.refuse(word, message, MALFORMED_QUERY)
    return resolved
