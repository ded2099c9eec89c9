"""Turns a custom field of Salesforce source format into what its describe will say."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from local.org.schema import FieldSchema, SchemaError
from local.org.sfdx import SourceElement, child_text, is_true, optional_number, required_number, required_text
from local.org.sfdx_lookups import external_lookup, lookup, master_detail, metadata_relationship
from local.org.sfdx_picklists import ValueSets, picklist_of

_FORMULA_TEXT_LENGTH = 1300
_MULTI_PICKLIST_LENGTH = 4099
_READ_ONLY = {"createable": False, "updateable": False}
_DECIMAL = {"Number": "double", "Currency": "currency", "Percent": "percent"}
# Types of a fixed shape: the describe's type, its length and its extra word.
_FIXED: Mapping[str, tuple[str, int, str | None]] = {
    "TextArea": ("textarea", 255, "plaintextarea"),
    "Email": ("email", 80, None),
    "Phone": ("phone", 40, None),
    "Url": ("url", 255, None),
    "Checkbox": ("boolean", 0, None),
    "Date": ("date", 0, None),
    "DateTime": ("datetime", 0, None),
    "Time": ("time", 0, None),
}
_SIZED: Mapping[str, tuple[str, str | None]] = {
    "Text": ("string", None),
    "LongTextArea": ("textarea", "plaintextarea"),
    "Html": ("textarea", "richtextarea"),
    "EncryptedText": ("encryptedstring", None),
}


def build_fields(found: SourceElement, value_sets: ValueSets) -> list[FieldSchema]:
    """Return the field, and for a location its two parts before it.

    Raises:
        SchemaError: The type is unknown, or a size is missing; the message names file and reason.
    """
    kind = required_text(found, "type")
    builder = _builder(kind, found)
    schema = FieldSchema(
        **{**_plain_facts(found.element, kind), **_default_facts(found.element), **builder(found, kind, value_sets)}
    )
    return [*_location_parts(found, schema), schema] if kind == "Location" else [schema]


_Builder = Callable[[SourceElement, str, ValueSets], dict[str, Any]]


def _builder(kind: str, found: SourceElement) -> _Builder:
    if child_text(found.element, "formula") is not None and kind != "Summary":
        return _formula
    if kind not in _BUILDERS:
        raise SchemaError(f"{found.file}: {kind!r} is not a field type that the local org knows")
    return _BUILDERS[kind]


def _plain_facts(element: Element, kind: str) -> dict[str, Any]:
    """Return what does not depend on the type."""
    name = child_text(element, "fullName") or ""
    is_required = is_true(element, "required")
    return {
        "name": name,
        "label": child_text(element, "label") or name.removesuffix("__c").replace("_", " "),
        "custom": True,
        "nillable": not is_required and kind != "Checkbox",
        "permissionable": not is_required,
        "unique": is_true(element, "unique"),
        "case_sensitive": is_true(element, "caseSensitive"),
        "external_id": is_true(element, "externalId"),
        "id_lookup": is_true(element, "externalId"),
        "help_text": child_text(element, "inlineHelpText"),
    }


def _default_facts(element: Element) -> dict[str, Any]:
    """Return the default of a field, with its value where the formula is a plain literal."""
    formula = child_text(element, "defaultValue")
    if formula is None:
        return {}
    return {"default_value_formula": formula, "default_value": literal(formula), "defaulted_on_create": True}


def literal(formula: str) -> str | float | bool | None:
    """Return the value of a formula that is a quoted text, a number or a boolean; None for any other."""
    if len(formula) >= 2 and formula[0] == formula[-1] and formula[0] in "\"'":
        inner = formula[1:-1]
        return None if formula[0] in inner else inner
    if formula.lower() in {"true", "false"}:
        return formula.lower() == "true"
    is_number = formula.removeprefix("-").replace(".", "", 1).isdecimal() and formula.isascii()
    return float(formula) if is_number else None


def _fixed(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    name, length, extra = _FIXED[kind]
    return {"type": name, "length": length, "extra_type_info": extra}


def _sized(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    name, extra = _SIZED[kind]
    return {"type": name, "length": required_number(found, "length"), "extra_type_info": extra}


def _encrypted(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    masks = {"mask_type": child_text(found.element, "maskType"), "mask_char": child_text(found.element, "maskChar")}
    return _sized(found, kind, value_sets) | masks


def _decimal(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    precision, scale = required_number(found, "precision"), required_number(found, "scale")
    return {"type": _DECIMAL[kind], "precision": precision, "scale": scale}


def _checkbox(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    default = child_text(found.element, "defaultValue") == "true"
    return {
        "type": "boolean",
        "nillable": False,
        "defaulted_on_create": True,
        "default_value": default,
        "default_value_formula": None,
    }


def _picklist(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    values, is_restricted = picklist_of(found.element, found.file, value_sets)
    name, length = ("picklist", 255) if kind == "Picklist" else ("multipicklist", _MULTI_PICKLIST_LENGTH)
    facts: dict[str, Any] = {
        "type": name,
        "length": length,
        "picklist_values": values,
        "restricted_picklist": is_restricted,
    }
    default = next((each.value for each in values if each.default), None)
    return facts | ({} if default is None else {"default_value": default, "defaulted_on_create": True})


def _auto_number(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    display_format = child_text(found.element, "displayFormat") or "{0}"
    return {
        "type": "string",
        "length": 30,
        **_READ_ONLY,
        "nillable": False,
        "defaulted_on_create": True,
        "auto_number": True,
        "display_format": display_format,
        "first_number": optional_number(found, "startingNumber", 1),
    }


def _summary(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    scale = 0 if child_text(found.element, "summaryOperation") == "count" else 2
    return {"type": "double", "precision": 18, "scale": scale, **_READ_ONLY, "calculated": True, "nillable": True}


def _location(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    return {"type": "location", **_READ_ONLY}


def _location_parts(found: SourceElement, location: FieldSchema) -> list[FieldSchema]:
    scale = optional_number(found, "scale", 15)
    base = location.name.removesuffix("__c")
    return [
        FieldSchema(
            name=f"{base}__{part}__s",
            label=f"{location.label} ({part})",
            type="double",
            custom=True,
            precision=18,
            scale=scale,
            nillable=location.nillable,
            compound_field_name=location.name,
        )
        for part in ("Latitude", "Longitude")
    ]


def _formula(found: SourceElement, kind: str, value_sets: ValueSets) -> dict[str, Any]:
    """A formula's field is read-only; its type is what it would hold."""
    if kind == "Text":
        shape: dict[str, Any] = {"type": "string", "length": _FORMULA_TEXT_LENGTH}
    elif kind in _DECIMAL:
        scale = optional_number(found, "scale", 0)
        shape = {"type": _DECIMAL[kind], "precision": 18, "scale": scale}
    elif kind in _FIXED:
        shape = {"type": _FIXED[kind][0]}
    else:
        raise SchemaError(f"{found.file}: a formula cannot be of type {kind}")
    facts = {
        "calculated": True,
        "calculated_formula": child_text(found.element, "formula"),
        "nillable": kind != "Checkbox",
        "blanks_as_zero": child_text(found.element, "formulaTreatBlanksAs") != "BlankAsBlank",
    }
    return shape | _READ_ONLY | facts


_BUILDERS: Mapping[str, _Builder] = {
    **dict.fromkeys(_FIXED, _fixed),
    **dict.fromkeys(_SIZED, _sized),
    **dict.fromkeys(_DECIMAL, _decimal),
    "EncryptedText": _encrypted,
    "Checkbox": _checkbox,
    "Picklist": _picklist,
    "MultiselectPicklist": _picklist,
    "Lookup": lookup,
    "Hierarchy": lookup,
    "ExternalLookup": external_lookup,
    "IndirectLookup": external_lookup,
    "MetadataRelationship": metadata_relationship,
    "MasterDetail": master_detail,
    "AutoNumber": _auto_number,
    "Summary": _summary,
    "Location": _location,
}
