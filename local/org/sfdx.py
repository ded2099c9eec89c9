"""Reads folders of Salesforce source or metadata format into objects, fields and value sets, still as XML."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import parse  # type: ignore[import-untyped]

from local.org.schema import PicklistValue, SchemaError
from local.org.sfdx_kinds import NOT_ENFORCED, PART_BY_SUFFIX, PART_BY_TAG, WITHOUT_EFFECT
from local.org.sfdx_picklists import read_value_set

# Tasks and events share their custom fields through this object.
_ACTIVITY, _TASK = "Activity", "Task"
_CUSTOM_METADATA, _METADATA_RECORD = "customMetadata", ".md"
_MOST_DIGITS = 9
_SOURCE_SUFFIX = "-meta.xml"


@dataclass(frozen=True, slots=True)
class SourceElement:
    """A piece of metadata and the file that it stands in."""

    element: Element
    file: Path


@dataclass(slots=True)
class SourceObject:
    """What the folders say of one object; `definition` is None where only fields were found."""

    name: str
    definition: SourceElement | None = None
    fields: dict[str, SourceElement] = field(default_factory=dict)
    validation_rules: list[SourceElement] = field(default_factory=list)
    record_types: list[SourceElement] = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """Everything found in the folders, objects in order of appearance."""

    objects: dict[str, SourceObject] = field(default_factory=dict)
    value_sets: dict[str, tuple[PicklistValue, ...]] = field(default_factory=dict)
    standard_value_sets: dict[str, tuple[PicklistValue, ...]] = field(default_factory=dict)
    permission_sets: dict[str, SourceElement] = field(default_factory=dict)
    custom_permissions: set[str] = field(default_factory=set)
    custom_metadata: dict[str, SourceElement] = field(default_factory=dict)
    """The records of custom metadata types, by `Type.Record` without the type's `__mdt`."""
    labels: dict[str, str] = field(default_factory=dict)
    duplicate_rules: dict[str, SourceElement] = field(default_factory=dict)
    """By `Object.Rule`."""
    matching_rules: dict[str, SourceElement] = field(default_factory=dict)
    """The matching rules of each object, by its name."""
    ignored_parts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many parts were read and are not enforced, by object (empty for none) and kind."""

    def object_named(self, name: str) -> SourceObject:
        """Return the object of that name, a new one the first time."""
        own_name = _TASK if name == _ACTIVITY else name
        return self.objects.setdefault(own_name, SourceObject(own_name))


def read_source(folders: Sequence[Path]) -> Source:
    """Read every metadata file below the folders, at any depth.

    Raises:
        SchemaError: A folder is missing or a file cannot be read; the message names it.
    """
    source = Source()
    for folder in folders:
        if not folder.is_dir():
            raise SchemaError(f"{folder}: there is no such folder")
        for file in _metadata_files(folder):
            _read_file(file, source)
    return source


def child_text(element: Element, name: str) -> str | None:
    """Return the text of a direct child, None when it is absent or blank."""
    return (element.findtext(name) or "").strip() or None


def is_true(element: Element, name: str) -> bool:
    """Tell whether a direct child says true."""
    return child_text(element, name) == "true"


def required_text(found: SourceElement, name: str) -> str:
    """Return the text of a child that a field must have.

    Raises:
        SchemaError: It is absent; the message names the file and the field.
    """
    text = child_text(found.element, name)
    if text is None:
        raise SchemaError(f"{found.file}: field {_field_name(found)} needs <{name}>")
    return text


def required_number(found: SourceElement, name: str) -> int:
    """Return the whole number of a child that a field must have.

    Raises:
        SchemaError: It is absent or no whole number.
    """
    return _as_number(found, name, required_text(found, name))


def optional_number(found: SourceElement, name: str, otherwise: int) -> int:
    """Return the whole number of a child, or `otherwise` where it is absent.

    Raises:
        SchemaError: It is no whole number.
    """
    text = child_text(found.element, name)
    return otherwise if text is None else _as_number(found, name, text)


def _as_number(found: SourceElement, name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        raise SchemaError(f"{found.file}: field {_field_name(found)}: <{name}> is {text!r}, not a number")
    return int(text)


def _field_name(found: SourceElement) -> str:
    return child_text(found.element, "fullName") or "?"


def _metadata_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.is_file() and "node_modules" not in inner and not any(part.startswith(".") for part in inner):
            yield path


def _read_file(file: Path, source: Source) -> None:
    name = file.name.removesuffix(_SOURCE_SUFFIX)
    stem, suffix = Path(name).stem, Path(name).suffix
    if suffix in _READERS:
        _READERS[suffix](stem, SourceElement(_root(file), file), source)
    elif suffix == _METADATA_RECORD and file.parent.name == _CUSTOM_METADATA:
        source.custom_metadata[stem] = SourceElement(_root(file), file)
    else:
        _note(file, suffix, source)


def _add_object(name: str, definition: SourceElement, source: Source) -> None:
    source_object = source.object_named(name)
    source_object.definition = definition
    for child in definition.element:
        if child.tag == "fields":
            _add_field(source_object, SourceElement(child, definition.file))
        elif child.tag == "validationRules":
            source_object.validation_rules.append(SourceElement(child, definition.file))
        elif child.tag == "recordTypes":
            source_object.record_types.append(SourceElement(child, definition.file))
        elif child.tag in PART_BY_TAG:
            source.ignored_parts[source_object.name, PART_BY_TAG[child.tag]] += 1


def _home(found: SourceElement, source: Source) -> SourceObject:
    """Return the object in whose folder a part of it stands."""
    return source.object_named(found.file.parent.parent.name)


def _add_field(source_object: SourceObject, found: SourceElement) -> None:
    name = child_text(found.element, "fullName")
    if name is None:
        raise SchemaError(f"{found.file}: a field has no <fullName>")
    source_object.fields[name] = found


def _labels(root: Element) -> Iterator[tuple[str, str]]:
    for each in root.findall("labels"):
        yield child_text(each, "fullName") or "", each.findtext("value") or ""


def _note(file: Path, suffix: str, source: Source) -> None:
    """Count what the local org does not enforce; what it does not even know is counted too, never passed over."""
    is_source = file.name.endswith(_SOURCE_SUFFIX)
    if is_source and suffix in PART_BY_SUFFIX:
        source.ignored_parts[file.parent.parent.name, PART_BY_SUFFIX[suffix]] += 1
    elif suffix in NOT_ENFORCED:
        if not file.with_name(file.name + _SOURCE_SUFFIX).exists():
            source.ignored_parts["", NOT_ENFORCED[suffix]] += 1
    elif is_source and suffix not in WITHOUT_EFFECT:
        source.ignored_parts["", f"{suffix or file.name} file, a kind that the local org does not know"] += 1


def _root(file: Path) -> Element:
    """Parse a file and take the namespace off its tags."""
    try:
        root: Element = parse(file).getroot()
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError, LookupError) as exc:
        raise SchemaError(f"{file}: not readable XML: {exc}") from exc
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


_READERS: dict[str, Callable[[str, SourceElement, Source], None]] = {
    ".object": _add_object,
    ".field": lambda _stem, found, source: _add_field(_home(found, source), found),
    ".validationRule": lambda _stem, found, source: _home(found, source).validation_rules.append(found),
    ".recordType": lambda _stem, found, source: _home(found, source).record_types.append(found),
    ".permissionset": lambda stem, found, source: source.permission_sets.update({stem: found}),
    ".customPermission": lambda stem, _found, source: source.custom_permissions.add(stem),
    ".duplicateRule": lambda stem, found, source: source.duplicate_rules.update({stem: found}),
    ".matchingRule": lambda stem, found, source: source.matching_rules.update({stem: found}),
    ".labels": lambda _stem, found, source: source.labels.update(_labels(found.element)),
    ".globalValueSet": lambda stem, found, source: source.value_sets.update(
        {stem: read_value_set(found.element, found.file, "customValue")}
    ),
    ".standardValueSet": lambda stem, found, source: source.standard_value_sets.update(
        {stem: read_value_set(found.element, found.file, "standardValue")}
    ),
}
