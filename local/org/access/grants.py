"""What a permission set gives: operations on objects, fields to read and to edit."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from local.org.sfdx import Source, SourceElement, child_text, is_true

_CAPABILITIES_BY_TAG: Mapping[str, frozenset[str]] = {
    "allowRead": frozenset({"queryable", "retrieveable"}),
    "allowCreate": frozenset({"createable"}),
    "allowEdit": frozenset({"updateable"}),
    "allowDelete": frozenset({"deletable", "undeletable"}),
}
_EVERYTHING = frozenset[str]().union(*_CAPABILITIES_BY_TAG.values())
_BY_USER_PERMISSION: Mapping[str, frozenset[str]] = {
    "ViewAllData": _CAPABILITIES_BY_TAG["allowRead"],
    "ModifyAllData": _EVERYTHING,
}
# What says something about the set itself, or is enforced.
_UNDERSTOOD = frozenset(
    {"objectPermissions", "fieldPermissions", "customPermissions", "description", "label", "hasActivationRequired"}
)


@dataclass(frozen=True, slots=True)
class Grants:
    """Objects and fields by API name; fields as `Account.Name`."""

    objects: Mapping[str, frozenset[str]] = field(default_factory=dict)
    every_object: frozenset[str] = frozenset()
    """What may be done to the records of every object."""
    readable: frozenset[str] = frozenset()
    editable: frozenset[str] = frozenset()
    objects_read_whole: frozenset[str] = frozenset()
    not_enforced: tuple[str, ...] = ()

    @property
    def says_anything(self) -> bool:
        """Whether the set is about objects or fields at all."""
        return bool(self.objects or self.every_object or self.readable or self.editable)


def read_grants(source: Source) -> dict[str, Grants]:
    """Return what each permission set gives, by its API name."""
    return {name: _read(name, found) for name, found in source.permission_sets.items()}


def together(grants: Sequence[Grants]) -> Grants:
    """Return what a user has who has several sets."""
    objects: dict[str, frozenset[str]] = {}
    for each in grants:
        for name, capabilities in each.objects.items():
            objects[name] = objects.get(name, frozenset()) | capabilities
    return Grants(
        objects=objects,
        every_object=frozenset[str]().union(*(each.every_object for each in grants)),
        readable=frozenset[str]().union(*(each.readable for each in grants)),
        editable=frozenset[str]().union(*(each.editable for each in grants)),
        objects_read_whole=frozenset[str]().union(*(each.objects_read_whole for each in grants)),
    )


def _read(name: str, found: SourceElement) -> Grants:
    root = found.element
    fields = root.findall("fieldPermissions")
    of_objects = root.findall("objectPermissions")
    editable = frozenset(_named(fields, "field", "editable"))
    return Grants(
        objects={child_text(each, "object") or "": _capabilities(each) for each in of_objects},
        every_object=frozenset[str]().union(*_user_permissions(root)),
        readable=frozenset(_named(fields, "field", "readable")) | editable,
        editable=editable,
        objects_read_whole=frozenset(_named(of_objects, "object", "viewAllFields")),
        not_enforced=tuple(_not_enforced(name, root)),
    )


def _named(elements: Sequence[Element], name_tag: str, flag: str) -> Iterator[str]:
    return (child_text(each, name_tag) or "" for each in elements if is_true(each, flag))


def _capabilities(element: Element) -> frozenset[str]:
    given = [capabilities for tag, capabilities in _CAPABILITIES_BY_TAG.items() if is_true(element, tag)]
    if is_true(element, "modifyAllRecords"):
        given.append(_EVERYTHING)
    return frozenset[str]().union(*given)


def _user_permissions(root: Element) -> Iterator[frozenset[str]]:
    for each in root.findall("userPermissions"):
        if is_true(each, "enabled"):
            yield _BY_USER_PERMISSION.get(child_text(each, "name") or "", frozenset())


def _not_enforced(name: str, root: Element) -> Iterator[str]:
    counted = Counter(child.tag for child in root if child.tag not in _UNDERSTOOD)
    counted["userPermissions"] -= sum(
        (child_text(each, "name") or "") in _BY_USER_PERMISSION for each in root.findall("userPermissions")
    )
    for tag, count in sorted((+counted).items()):
        yield f"permission set {name}: {count} x {tag}"
