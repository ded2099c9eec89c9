"""Duplicate rules: which matches matter when a record is saved, and whether they forbid the save."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from local.org.boolean_filters import read_cases
from local.org.duplicates.matching_rules import MatchingRule, is_standard, read_matching_rule
from local.org.filter_items import FilterError, Test, compile_filter
from local.org.record import Record
from local.org.schema import ObjectSchema
from local.org.sfdx import Source, SourceElement, child_text, is_true

_ALERT = "Alert"
_USUAL_ALERT = "Use one of these records?"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One matching rule of a duplicate rule; `inputs` names the saved record's field for each of the other's."""

    rule: MatchingRule
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """What a match does to an insert, or to an update."""

    blocks: bool
    alerts: bool


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """An active duplicate rule."""

    name: str
    object_name: str
    on_insert: Action
    on_update: Action
    alert: str
    order: int
    applies: Callable[[Record], bool]
    matchers: tuple[Matcher, ...]


def read_duplicate_rules(source: Source, objects: Mapping[str, ObjectSchema]) -> tuple[list[DuplicateRule], list[str]]:
    """Return the active rules in the order that they run in, and a line for each that is not wholly enforced."""
    rules: list[DuplicateRule] = []
    lines: list[str] = []
    for full_name, found in sorted(source.duplicate_rules.items()):
        object_name, _, name = full_name.partition(".")
        if not is_true(found.element, "isActive"):
            continue
        try:
            rules.append(_read(name, object_name, found, source, objects))
            lines += _approximations(rules[-1], found)
        except FilterError as exc:
            lines.append(f"{object_name}: duplicate rule {name} is not enforced: {exc} ({found.file})")
    return sorted(rules, key=lambda rule: (rule.object_name, rule.order, rule.name)), lines


def _approximations(rule: DuplicateRule, found: SourceElement) -> list[str]:
    return [
        f"{rule.object_name}: duplicate rule {rule.name} matches by a simple form of {each.rule.name} ({found.file})"
        for each in rule.matchers
        if is_standard(each.rule.name)
    ]


def _read(
    name: str, object_name: str, found: SourceElement, source: Source, objects: Mapping[str, ObjectSchema]
) -> DuplicateRule:
    element, home = found.element, objects.get(object_name)
    if home is None:
        raise FilterError("the local org does not hold its object")
    return DuplicateRule(
        name=name,
        object_name=home.name,
        on_insert=_action(element, "actionOnInsert", "operationsOnInsert"),
        on_update=_action(element, "actionOnUpdate", "operationsOnUpdate"),
        alert=child_text(element, "alertText") or _USUAL_ALERT,
        order=_number(element),
        applies=_condition(element, home),
        matchers=tuple(_matcher(each, source, objects) for each in element.findall("duplicateRuleMatchRules")),
    )


def _number(element: Element) -> int:
    text = child_text(element, "sortOrder") or "0"
    if not (text.isascii() and text.isdecimal()):
        raise FilterError(f"its sortOrder is {text!r}")
    return int(text)


def _action(element: Element, action: str, operations: str) -> Action:
    return Action(
        blocks=child_text(element, action) == "Block",
        alerts=any((each.text or "").strip() == _ALERT for each in element.findall(operations)),
    )


def _condition(element: Element, home: ObjectSchema) -> Test:
    found = element.find("duplicateRuleFilter")
    items = [] if found is None else found.findall("duplicateRuleFilterItems")
    if found is None or not items:
        return lambda _record: True
    if foreign := [table for each in items if (table := child_text(each, "table") or home.name) != home.name]:
        raise FilterError(f"its filter asks about {foreign[0]}")
    items.sort(key=_number)
    tests = [compile_filter(each, home)[1] for each in items]
    cases = read_cases(child_text(found, "booleanFilter"), len(tests))
    return lambda record: any(all(tests[place](record) for place in case) for case in cases)


def _matcher(element: Element, source: Source, objects: Mapping[str, ObjectSchema]) -> Matcher:
    object_name = child_text(element, "matchRuleSObjectType") or ""
    home = objects.get(object_name)
    if home is None:
        raise FilterError(f"the local org does not hold {object_name}")
    rule = read_matching_rule(child_text(element, "matchingRule") or "", home, source)
    mapped = {
        child_text(each, "outputField") or "": child_text(each, "inputField") or ""
        for each in element.findall("objectMapping/mappingFields")
    }
    return Matcher(rule, {each.field: mapped.get(each.field, each.field) for each in rule.items})
