"""Adds to a schema what it computes: formula fields, roll-up summaries, defaults that are formulas."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from local.org.custom_metadata import fixed_values, read_metadata_records
from local.org.formula_fields import FormulaFields, compile_defaults
from local.org.schema import Schema
from local.org.sfdx import Source
from local.org.summaries import read_summaries


def with_computed(schema: Schema, source: Source) -> tuple[Schema, FormulaFields]:
    """Return the schema with what it computes, a line for each piece that stays empty, and its formula fields.

    Raises:
        SchemaError: A record of custom metadata is not of its type.
    """
    summaries, lines = read_summaries(source, schema.objects)
    records = read_metadata_records(source, schema.objects)
    summed = replace(schema, summaries=tuple(summaries), metadata_records=records)
    fixed = fixed_values(source, schema.objects, records)
    fields = FormulaFields(summed, frozenset(source.custom_permissions), fixed)
    formulas, refused = fields.compile_all()
    defaults, refused_defaults = compile_defaults(summed, fields)
    lines = [*lines, *_lines("formula field", refused, source), *_lines("default of", refused_defaults, source)]
    complete = replace(
        summed, formulas=formulas, default_formulas=defaults, not_enforced=(*schema.not_enforced, *lines)
    )
    return complete, fields


def _lines(kind: str, reasons: Mapping[tuple[str, str], str], source: Source) -> Iterator[str]:
    for (object_name, field_name), reason in sorted(reasons.items()):
        found = source.objects.get(object_name)
        element = found.fields.get(field_name) if found is not None else None
        where = f" ({element.file})" if element is not None else ""
        yield f"{object_name}: {kind} {field_name} stays empty: {reason}{where}"
