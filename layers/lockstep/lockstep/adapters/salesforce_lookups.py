"""Lookups as SOQL: the queries, and which of their records was meant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from simple_salesforce.format import format_soql

from lockstep.domain.lookups import Found, MatchValues, Several
from lockstep.ports.org import OwnFields, Standing

Row = TypeVar("Row")


def queries(object_name: str, match_fields: Sequence[str], wanted: Sequence[MatchValues], chars: int) -> Iterator[str]:
    """Give the queries for the wanted values, each with at most `chars` characters of values, or one combination."""
    fields = ", ".join(dict.fromkeys(["Id", *match_fields]))
    for part in _parts(wanted, chars):
        conditions = " AND ".join(_condition(field, part, at) for at, field in enumerate(match_fields))
        yield f"SELECT {fields} FROM {object_name} WHERE {conditions}"  # noqa: S608 - names are checked, values escaped


def _condition(field: str, part: Sequence[MatchValues], at: int) -> str:
    values = list(dict.fromkeys(each[at] for each in part))
    # A checkbox takes `=` only.
    return (
        f"{field} = {format_soql('{}', values[0])}" if len(values) == 1 else f"{field} IN {format_soql('{}', values)}"
    )


def _parts(wanted: Sequence[MatchValues], chars: int) -> Iterator[list[MatchValues]]:
    part: list[MatchValues] = []
    length = 0
    for values in wanted:
        own = sum(len(str(value)) for value in values)
        if part and length + own > chars:
            yield part
            part, length = [], 0
        part.append(values)
        length += own
    if part:
        yield part


def matched(
    records: Iterable[Mapping[str, Any]], match_fields: Sequence[str], wanted: Sequence[MatchValues]
) -> dict[MatchValues, Found]:
    """Tell which record each of the wanted values means; a combination of values that nobody wanted is no harm."""
    exact: dict[MatchValues, set[str]] = defaultdict(set)
    folded: dict[MatchValues, set[str]] = defaultdict(set)
    for record in records:
        values = tuple(value_at(record, field) for field in match_fields)
        exact[values].add(record["Id"])
        folded[_folded(values)].add(record["Id"])
    found = {values: _meant(exact.get(values, set()), folded.get(_folded(values), set())) for values in wanted}
    return {values: each for values, each in found.items() if each is not None}


def _meant(exact: set[str], folded: set[str]) -> Found | None:
    for ids in (exact, folded):
        if ids:
            return next(iter(ids)) if len(ids) == 1 else Several.SEVERAL
    return None


def value_at(record: Mapping[str, Any], path: str) -> Any:
    """Return the value of a field, or of a parent's."""
    value: Any = record
    for name in path.split("."):
        # Salesforce answers in its own spelling of a name, whatever the query's.
        folded = {str(key).casefold(): each for key, each in value.items()} if isinstance(value, Mapping) else {}
        value = folded.get(name.casefold())
    return value


def by_value(found: Mapping[str, Row], asked: Collection[str]) -> dict[str, Row]:
    """Say what was found for each of the values that were asked for.

    A field that ignores case answers in its own spelling; one that does not answers with what was asked for.
    """
    spelt_otherwise = {value.casefold(): row for value, row in found.items() if value not in asked}
    return {value: row for value in asked if (row := found.get(value, spelt_otherwise.get(value.casefold())))}


def standing_of(record: Mapping[str, Any], asked: OwnFields) -> Standing:
    """Read what a record says of the write that it shows."""
    version = value_at(record, asked.version_field) if asked.version_field else None
    return Standing(record["Id"], value_at(record, asked.change_field), version)


def _folded(values: MatchValues) -> MatchValues:
    return tuple(value.casefold() if isinstance(value, str) else value for value in values)
