"""Dependent picklists: which of a picklist's values go with which value of another field; told in describes only."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

from local.org.schema import FieldSchema, ObjectSchema
from local.org.sfdx import Source, child_text

_BITS_PER_BYTE = 8
_WHOLE_GROUP = 3  # bytes that base64 writes without padding
_CHECKBOX = ("false", "true")


def with_controllers(objects: Mapping[str, ObjectSchema], source: Source) -> dict[str, ObjectSchema]:
    """Return the objects with the controlling field of each dependent picklist, and what its values are valid for."""
    complete = dict(objects)
    for found in source.objects.values():
        home = complete.get(found.name)
        if home is not None:
            fields = {name: _with_controller(home, name, each.element) for name, each in found.fields.items()}
            changed = {name: field for name, field in fields.items() if field is not None}
            complete[found.name] = replace(home, fields={**home.fields, **changed})
    return complete


def _with_controller(home: ObjectSchema, name: str, element: Element) -> FieldSchema | None:
    value_set, field = element.find("valueSet"), home.fields.get(name)
    controller = None if value_set is None else home.find(child_text(value_set, "controllingField") or "")
    if value_set is None or field is None or controller is None:
        return None
    places = {value: place for place, value in enumerate(_values_of(controller))}
    allowed = {
        child_text(each, "valueName"): [(part.text or "").strip() for part in each.findall("controllingFieldValue")]
        for each in value_set.findall("valueSettings")
    }
    values = tuple(
        replace(each, valid_for=bitmap(places[value] for value in allowed.get(each.value, ()) if value in places))
        for each in field.picklist_values
    )
    return replace(field, controller=controller.name, picklist_values=values)


def _values_of(controller: FieldSchema) -> tuple[str, ...]:
    if controller.type == "boolean":
        return _CHECKBOX
    return tuple(each.value for each in controller.picklist_values)


def bitmap(places: Iterable[int]) -> str:
    """Return the places as `validFor` writes them: base64 of bits, the first place in the highest bit."""
    chosen = sorted(set(places))
    size = _BITS_PER_BYTE * _WHOLE_GROUP
    length = _WHOLE_GROUP * (1 + (chosen[-1] // size if chosen else 0))
    bits = bytearray(length)
    for place in chosen:
        bits[place // _BITS_PER_BYTE] |= 0x80 >> place % _BITS_PER_BYTE
    return base64.b64encode(bytes(bits)).decode()
