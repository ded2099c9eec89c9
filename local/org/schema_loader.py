"""Puts an org's schema together: the standard objects, and what SFDX folders add to them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from local.org.access.grants import read_grants
from local.org.custom_objects import build_custom_object
from local.org.dependent_picklists import with_controllers
from local.org.duplicates.rules import read_duplicate_rules
from local.org.record_types import with_record_types
from local.org.schema import FieldSchema, ObjectSchema, Schema
from local.org.schema_computed import with_computed
from local.org.sfdx import Source, SourceObject, child_text, read_source
from local.org.sfdx_fields import build_fields
from local.org.special_objects import build_special_object, is_special
from local.org.standard_objects import read_standard_objects
from local.org.validation_rules import permission_sets_of, read_rules
from local.org.values import EXTERNAL_LOOKUP

_CUSTOM_OBJECT = "__c"
_CUSTOM_FIELD = "__c"


def load_schema(folders: Sequence[Path]) -> Schema:
    """Return the standard objects plus every object and field found in the folders.

    Raises:
        SchemaError: A file cannot be read or says what the local org cannot be; the message names it.
    """
    source = read_source(folders)
    notes = Counter(source.ignored_parts)
    objects = _objects(source, notes)
    complete = with_record_types(with_controllers(_with_summaries(objects, source), source), source)
    schema = Schema(
        objects=dict(sorted(complete.items())),
        not_enforced=tuple(_lines(notes, complete, source)),
        permission_sets=permission_sets_of(source),
        grants=read_grants(source),
    )
    schema, formula_fields = with_computed(schema, source)
    rules, refused = read_rules(source, schema, formula_fields)
    duplicates, lines = read_duplicate_rules(source, schema.objects)
    return replace(
        schema,
        validation_rules=rules,
        refused_rules=tuple(refused),
        duplicate_rules=tuple(duplicates),
        not_enforced=(*schema.not_enforced, *lines),
    )


def _objects(source: Source, notes: Counter[tuple[str, str]]) -> dict[str, ObjectSchema]:
    """Return the standard objects and those of the folders; what the local org does not hold is noted."""
    objects = read_standard_objects(source.standard_value_sets)
    created = specials = 0
    for found in source.objects.values():
        if found.name in objects:
            objects[found.name] = _extend(objects[found.name], _own_fields(found, source))
        elif found.definition is None and _is_packaged(found.name):
            notes[found.name, "object of a managed package that no folder defines"] += 1
        elif found.name.endswith(_CUSTOM_OBJECT):
            objects[found.name] = build_custom_object(found, _own_fields(found, source), number=created)
            created += 1
        elif is_special(found.name):
            objects[found.name] = build_special_object(found, _own_fields(found, source), number=specials)
            specials += 1
        else:
            notes[found.name, "object of a kind that the local org does not hold"] += 1
    return objects


def _is_packaged(name: str) -> bool:
    """A package's namespace stands before its objects' names: `ns__Thing__c`."""
    return name.count("__") > 1


def _own_fields(found: SourceObject, source: Source) -> list[FieldSchema]:
    """Return the custom fields; a file of a standard field holds settings that change no record."""
    custom = (element for name, element in found.fields.items() if name.endswith(_CUSTOM_FIELD))
    return [field for element in custom for field in build_fields(element, source.value_sets)]


def _extend(standard: ObjectSchema, fields: Sequence[FieldSchema]) -> ObjectSchema:
    return replace(standard, fields={**standard.fields, **{field.name: field for field in fields}})


def _with_summaries(objects: Mapping[str, ObjectSchema], source: Source) -> dict[str, ObjectSchema]:
    """Give roll-up summaries the type of what they sum up, now that every object is known."""
    complete = dict(objects)
    for found in source.objects.values():
        for name, element in found.fields.items():
            operand = child_text(element.element, "summarizedField")
            if child_text(element.element, "type") == "Summary" and operand and found.name in complete:
                complete[found.name] = _with_summary(complete[found.name], name, _resolve(operand, complete))
    return complete


def _resolve(path: str, objects: Mapping[str, ObjectSchema]) -> FieldSchema | None:
    object_name, _, field_name = path.partition(".")
    return objects[object_name].find(field_name) if object_name in objects else None


def _with_summary(schema: ObjectSchema, name: str, operand: FieldSchema | None) -> ObjectSchema:
    if operand is None or name not in schema.fields:
        return schema
    summary = replace(schema.fields[name], type=operand.type, precision=operand.precision, scale=operand.scale)
    return replace(schema, fields={**schema.fields, name: summary})


def _lines(notes: Counter[tuple[str, str]], objects: Mapping[str, ObjectSchema], source: Source) -> Iterator[str]:
    """Yield what was read but is not enforced, a line for each kind and object."""
    for (object_name, kind), count in sorted((notes + _field_notes(objects, source)).items()):
        yield f"{object_name}: {count} x {kind}" if object_name else f"{count} x {kind}"


def _field_notes(objects: Mapping[str, ObjectSchema], source: Source) -> Counter[tuple[str, str]]:
    notes: Counter[tuple[str, str]] = Counter()
    for schema in objects.values():
        for field in schema.fields.values():
            notes.update((schema.name, note) for note in _notes_on(field, objects) if field.custom)
    for found in source.objects.values():
        filtered = [each for each in found.fields.values() if each.element.find("lookupFilter") is not None]
        if filtered:
            notes[found.name, "lookup filter"] += len(filtered)
    return notes


def _notes_on(field: FieldSchema, objects: Mapping[str, ObjectSchema]) -> Iterator[str]:
    if field.extra_type_info == EXTERNAL_LOOKUP:
        yield "lookup to what is outside of the org's records (any text is taken)"
        return
    for target in field.reference_to:
        if target not in objects:
            yield f"lookup to {target}, an object that the local org does not hold"
