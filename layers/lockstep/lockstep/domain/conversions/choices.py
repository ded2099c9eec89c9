"""Values from a closed list: true and false, and picklists by their value table."""

from collections.abc import Callable, Collection
from typing import TypeAlias

from lockstep.domain.conversions.characters import (
    BROKEN_TEXT,
    CONTROL_CHARACTERS,
    is_broken,
    length_of,
    plain_text,
)
from lockstep.domain.conversions.results import Convert, Converted, Noted, Problem, wrong_kind
from lockstep.domain.rules import MultiPicklistRule, PicklistRule
from lockstep.domain.rules.choices import ChoiceRule

_Choose: TypeAlias = Callable[[str], str | Noted | Problem]
_Keep: TypeAlias = Callable[[str], str | Problem]

_TRUTH = dict.fromkeys(("true", "1", "yes", "y", "on"), True) | dict.fromkeys(("false", "0", "no", "n", "off"), False)
_NEITHER = Problem(
    "the value is none of true, false, 1, 0, yes, no, y, n, on, off",
    "correct it in the source, or use type picklist or text",
)
_LISTED = 40  # a message stays readable
_MAX_VALUE_LENGTH = 255  # Salesforce Object Reference: the longest value of a picklist
_PARTS_VALUES = ";"
_TOO_LONG = Problem(
    f"the value is longer than the {_MAX_VALUE_LENGTH} characters of a picklist value", "correct it in the source"
)
_CONTROL_CHARACTER = Problem("the value holds a control character", "correct it in the source")
_HOLDS_SEPARATOR = Problem(
    f"a value holds {_PARTS_VALUES}, which parts the values of a multi-select picklist", "give it a word in `values`"
)


def boolean_value(value: object) -> Converted:
    """Return true or false where the value says so, in any case; nothing else counts as either."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return bool(value) if value in (0, 1) else _NEITHER
    if isinstance(value, str):
        return _TRUTH.get(value.lower(), _NEITHER)
    return wrong_kind(value, "true or false")


def picklist_converter(rule: PicklistRule) -> Convert:
    """Return the lookup in the rule's value table; true and false are looked up as JSON writes them."""
    choose = _chooser(rule)

    def convert(value: object) -> Converted:
        word = _word(value)
        return word if isinstance(word, Problem) else choose(word)

    return convert


def multi_picklist_converter(rule: MultiPicklistRule) -> Convert:
    """Return the lookup of each word, joined as Salesforce does; the order of the source, each value once.

    Nothing but blanks comes out as empty text.
    """
    choose = _chooser(rule)
    separator = rule.separator

    def convert(value: object) -> Converted:
        words = _words(value, separator)
        if isinstance(words, Problem):
            return words
        chosen = [choose(word) for word in words]
        problem = next((each for each in chosen if isinstance(each, Problem)), None)
        return problem or _joined([each for each in chosen if not isinstance(each, Problem)])

    return convert


def _joined(chosen: list[str | Noted]) -> Converted:
    values = [str(each.value) if isinstance(each, Noted) else each for each in chosen]
    if any(_PARTS_VALUES in value for value in values):
        return _HOLDS_SEPARATOR
    text = _PARTS_VALUES.join(dict.fromkeys(values))
    note = next((each for each in chosen if isinstance(each, Noted)), None)
    return Noted(text, note.what) if note else text


def _words(value: object, separator: str) -> list[str] | Problem:
    if isinstance(value, list):
        words = [_word(each) for each in value if each is not None]
    else:
        text = _word(value)
        words = [text] if isinstance(text, Problem) else [each.strip() for each in text.split(separator)]
    problem = next((word for word in words if isinstance(word, Problem)), None)
    return problem or [word for word in words if isinstance(word, str) and word.strip()]


def _word(value: object) -> str | Problem:
    return ("false", "true")[value] if isinstance(value, bool) else plain_text(value)


def _chooser(rule: ChoiceRule) -> _Choose:
    fold: Callable[[str], str] = str.casefold if rule.ignore_case else str
    keep = _keeper(rule.allowed, otherwise=str)
    answer_by_word = {fold(word): keep(org_word) for word, org_word in rule.values.items()}
    if rule.passthrough:
        passed = _keeper(rule.allowed, otherwise=_passed)
        return lambda word: answer_by_word.get(fold(word)) or passed(word)
    unlisted = _unlisted(rule, keep)
    return lambda word: answer_by_word.get(fold(word)) or unlisted


def _keeper(allowed: frozenset[str] | None, otherwise: _Keep) -> _Keep:
    """Return what becomes of a value on its way to the org: where that takes no others they are refused here."""
    if allowed is None:
        return otherwise
    refused = Problem(
        "the value is none that the restricted picklist of the org takes (unknown, inactive, or of other record types)",
        f"give its word one of these in `values`, or add it in the org: {_listed(allowed)}",
    )
    return lambda value: value if value in allowed else refused


def _unlisted(rule: ChoiceRule, keep: _Keep) -> Noted | Problem:
    """Return what becomes of words that the value table does not have."""
    if rule.default is None:
        return Problem(
            "the value is not in the value table",
            f"add it to `values` or set `default`; the table knows: {_listed(rule.values)}",
        )
    default = keep(rule.default)
    return Noted(default, "not in the value table: default used") if isinstance(default, str) else default


def _listed(words: Collection[str]) -> str:
    more = len(words) - _LISTED
    return ", ".join(sorted(words)[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _passed(word: str) -> str | Problem:
    if word.isprintable() and len(word) * 2 <= _MAX_VALUE_LENGTH:
        return word
    if is_broken(word):
        return BROKEN_TEXT
    if CONTROL_CHARACTERS.search(word):
        return _CONTROL_CHARACTER
    return word if length_of(word) <= _MAX_VALUE_LENGTH else _TOO_LONG
