"""Roll-up summaries: read from the schema folders, and computed from the children whenever they are read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from local.org.derived_index import DerivedIndex
from local.org.filter_items import FilterError, Test, compile_filter
from local.org.record import ID, Record
from local.org.schema import ObjectSchema, Summary
from local.org.sfdx import Source, SourceElement, child_text
from local.org.store import Store

_EXTREMES: Mapping[str, Callable[[Iterable[Any]], Any]] = {"min": min, "max": max}


def read_summaries(source: Source, objects: Mapping[str, ObjectSchema]) -> tuple[list[Summary], list[str]]:
    """Return the roll-up summaries, and a line for each that cannot be computed, with its file and the reason."""
    summaries: list[Summary] = []
    refused: list[str] = []
    for home, name, found in _elements(source, objects):
        try:
            summaries.append(_read(home, name, found, objects))
        except FilterError as exc:
            refused.append(f"{home.name}: roll-up summary {name} stays empty: {exc} ({found.file})")
    return summaries, refused


def _elements(source: Source, objects: Mapping[str, ObjectSchema]) -> Iterator[tuple[ObjectSchema, str, SourceElement]]:
    for source_object in source.objects.values():
        home = objects.get(source_object.name)
        for name, found in source_object.fields.items():
            if home is not None and child_text(found.element, "type") == "Summary":
                yield home, name, found


def _read(home: ObjectSchema, name: str, found: SourceElement, objects: Mapping[str, ObjectSchema]) -> Summary:
    child_name, _, master = (child_text(found.element, "summaryForeignKey") or "").partition(".")
    child = objects.get(child_name)
    lookup = None if child is None else child.find(master)
    if child is None or lookup is None or home.name not in lookup.reference_to:
        raise FilterError(f"{child_name}.{master} is no lookup to {home.name} that the local org holds")
    operation = child_text(found.element, "summaryOperation") or ""
    operand = (child_text(found.element, "summarizedField") or "").partition(".")[2] or None
    if operation not in {"count", "sum", *_EXTREMES} or (operation != "count") != (operand is not None):
        raise FilterError(f"{operation!r} of {operand} is no summary")
    if operand is not None and child.find(operand) is None:
        raise FilterError(f"{child_name} has no field {operand}")
    filters = [compile_filter(each, child) for each in found.element.findall("summaryFilterItems")]
    reads = {lookup.name, *([operand] if operand else []), *(field.name for field, _ in filters)}
    counts = _all([test for _, test in filters]) if filters else None
    return Summary(home.name, home.fields[name], child.name, lookup.name, operation, operand, counts, frozenset(reads))


def _all(tests: Sequence[Test]) -> Test:
    return lambda record: all(test(record) for test in tests)


def install_summaries(store: Store, summaries: Sequence[Summary]) -> None:
    """Let the records of the store show their summaries; children are found by an index of their own."""
    indexes: dict[tuple[str, str], DerivedIndex] = {}
    for summary in summaries:
        parent, child = store.table(summary.object_name), store.table(summary.child)
        if parent is None or child is None:
            continue
        key = (summary.child, summary.master)
        if key not in indexes:
            indexes[key] = DerivedIndex(_reader(summary.master))
            child.derived.append(indexes[key])
        parent.record_type.computed[summary.field.name] = _computer(summary, indexes[key])


def _reader(field_name: str) -> Callable[[Record], Any]:
    return lambda record: record.get(field_name)


def _computer(summary: Summary, index: DerivedIndex) -> Callable[[Record], Any]:
    def compute(record: Record) -> Any:
        children = index.find(record[ID])
        counted = [each for each in children if summary.counts is None or summary.counts(each)]
        if summary.operand is None:
            return float(len(counted))
        values = [value for each in counted if (value := each.get(summary.operand)) is not None]
        if summary.operation == "sum":
            return _sum(values)
        return _EXTREMES[summary.operation](values) if values else None

    return compute


def _sum(values: Iterable[float]) -> float:
    """Add up as decimals: money has no binary fractions."""
    return float(sum((Decimal(repr(value)) for value in values), Decimal(0)))
