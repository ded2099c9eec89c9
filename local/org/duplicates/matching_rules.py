"""Matching rules: what makes two records the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from local.org.boolean_filters import Cases, read_cases
from local.org.duplicates.methods import METHODS, Method
from local.org.filter_items import FilterError
from local.org.schema import ObjectSchema
from local.org.sfdx import Source, child_text

_NAME = "FirstName FirstName, LastName LastName, "
_ADDRESS = "{0}Street Street, {0}City City, {0}PostalCode Zip"
# Salesforce's own rules are not in anybody's folder; these are their equations in the simple methods of this org.
_STANDARD: Mapping[str, tuple[str, str]] = {
    "Standard_Account_Match_Rule": (
        "Name CompanyName, Phone Phone, " + _ADDRESS.format("Billing") + ", BillingState Exact",
        "1 AND (2 OR 3 OR 5 OR (4 AND 6))",
    ),
    "Standard_Contact_Match_Rule": (
        _NAME + "Email Exact, Phone Phone, " + _ADDRESS.format("Mailing"),
        "1 AND 2 AND (3 OR 4 OR (5 AND (6 OR 7)))",
    ),
    "Standard_Lead_Match_Rule": (
        _NAME + "Email Exact, Phone Phone, Company CompanyName, " + _ADDRESS.format(""),
        "1 AND 2 AND (3 OR (4 AND 5) OR (6 AND (7 OR 8)))",
    ),
}
_VERSION_SUFFIX = "_v1_"


@dataclass(frozen=True, slots=True)
class MatchItem:
    """A field of the records that are looked through, and how it is compared."""

    field: str
    method: Method
    matches_blanks: bool = False


@dataclass(frozen=True, slots=True)
class MatchingRule:
    """The items of a rule, and the sets of them of which one must match whole."""

    name: str
    object_name: str
    items: tuple[MatchItem, ...]
    cases: Cases

    @property
    def is_fuzzy(self) -> bool:
        """Whether any of its items is."""
        return any(each.method.is_fuzzy for each in self.items)


def is_standard(name: str) -> bool:
    """Tell whether a rule is one of Salesforce's own."""
    return name.partition(_VERSION_SUFFIX)[0] in _STANDARD


def read_matching_rule(name: str, home: ObjectSchema, source: Source) -> MatchingRule:
    """Return the matching rule of that name.

    Raises:
        FilterError: It is nowhere, is not active, or compares what the local org cannot.
    """
    standard = _STANDARD.get(name.partition(_VERSION_SUFFIX)[0])
    if standard is not None:
        items, text = standard
        pairs = [each.split() for each in items.split(", ")]
        return _rule(name, home, [_item(home, field, method) for field, method in pairs], text)
    for element in _elements(home.name, source):
        if child_text(element, "fullName") == name:
            return _read(name, home, element)
    raise FilterError(f"no folder has the matching rule {name} of {home.name}")


def _elements(object_name: str, source: Source) -> Iterator[Element]:
    found = source.matching_rules.get(object_name)
    return iter(()) if found is None else iter(found.element.findall("matchingRules"))


def _read(name: str, home: ObjectSchema, element: Element) -> MatchingRule:
    if child_text(element, "ruleStatus") != "Active":
        raise FilterError(f"the matching rule {name} is not active")
    items = [
        _item(
            home,
            child_text(each, "fieldName") or "",
            child_text(each, "matchingMethod") or "",
            matches_blanks=child_text(each, "blankValueBehavior") == "MatchBlanks",
        )
        for each in element.findall("matchingRuleItems")
    ]
    if not items:
        raise FilterError(f"the matching rule {name} compares nothing")
    return _rule(name, home, items, child_text(element, "booleanFilter"))


def _rule(name: str, home: ObjectSchema, items: list[MatchItem], text: str | None) -> MatchingRule:
    return MatchingRule(name, home.name, tuple(items), read_cases(text, len(items)))


def _item(home: ObjectSchema, name: str, method: str, *, matches_blanks: bool = False) -> MatchItem:
    field = home.find(name)
    if field is None:
        raise FilterError(f"{home.name} has no field {name}")
    if method not in METHODS:
        raise FilterError(f"the local org does not know the matching method {method!r}")
    return MatchItem(field.name, METHODS[method], matches_blanks)
