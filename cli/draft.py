"""Writes a starter route from the org's describe and a sample of the source."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.matching import Leaf, leaves, match
from cli.proposals import external_id, propose, writable
from lockstep.domain.changes import CORRELATION_ID_CHARS
from lockstep.domain.contract import VERSION_DIGITS
from lockstep.domain.describes import FieldFacts, ObjectFacts
from lockstep.domain.json_text import JsonValue
from lockstep.domain.names import relationship_of

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
# YAML 1.1 reads these as true, false or null.
_NOT_TEXT = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_MOST_LISTED = 40
CHANGE_FIELD = "Lockstep_Change_Id__c"  # what salesforce/ calls it


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the route is for."""

    source: str
    entity: str
    sample: JsonValue


def draft(target: ObjectFacts, parents: Mapping[str, ObjectFacts | None], wanted: Wanted) -> str:
    """Return the route's file; it loads as it is, and DECIDE marks what a person must look at.

    It holds names and types of the sample, never its values.
    """
    key = external_id(target, wanted.source)
    version, deleted = _version(target, wanted.source), _deleted(target, wanted.source)
    change = target.field(CHANGE_FIELD)
    own = {each.name for each in (key, version, change, deleted) if each}
    found = list(leaves(wanted.sample))
    candidates = [each for each in target.fields.values() if writable(each) and each.name not in own]
    pairs = match(candidates, found)
    lines = [
        f"# A starter: {wanted.entity} of {wanted.source}, to {target.name}. Look at every line that says DECIDE,",
        "# then run `lockstep mapping check`, and `lockstep mapping try` with a payload.",
        f"source: {_flow(wanted.source)}",
        f"entity: {_flow(wanted.entity)}",
        f"object: {target.name}",
        *_key_lines(target, key, wanted),
        *_version_lines(version, wanted),
        *_change_lines(change),
        *_delete_lines(deleted),
        "",
        "fields:",
        *_field_lines(candidates, pairs, parents, wanted),
        *([f"  {deleted.name}: {{type: constant, value: false}}"] if deleted else []),
        *_left_over(target, candidates, pairs, found),
    ]
    return "\n".join(lines) + "\n"


def _key_lines(target: ObjectFacts, key: FieldFacts | None, wanted: Wanted) -> Iterator[str]:
    if key is not None:
        decide = "" if wanted.source.casefold() in key.name.casefold() else " # DECIDE: is it the source's key?"
        yield f"external_id: {{field: {key.name}}}{decide}"
        return
    name = f"{_api(wanted.source)}_{_api(wanted.entity)}_Id__c"
    yield f"# DECIDE: {target.name} has no External ID of {wanted.source}: make a text field, External ID and unique."
    yield f"external_id: {{field: {name}}}"


def _version_lines(version: FieldFacts | None, wanted: Wanted) -> Iterator[str]:
    if version is not None:
        yield f"version_field: {version.name}"
    else:
        yield f"# DECIDE: a Number({VERSION_DIGITS}, 0) for the source's version keeps older changes out, even by hand:"
        yield f"# version_field: {_api(wanted.source)}_Version__c"


def _change_lines(change: FieldFacts | None) -> Iterator[str]:
    if change is not None:
        yield f"change_field: {change.name}"
    else:
        yield f"# DECIDE: in a Text({CORRELATION_ID_CHARS}) the record says which change wrote it last:"
        yield f"# change_field: {CHANGE_FIELD}"


def _delete_lines(deleted: FieldFacts | None) -> Iterator[str]:
    if deleted is not None:
        yield f"on_delete: {{mark: {{{deleted.name}: true}}}} # DECIDE: or ignore, or delete"
    else:
        yield "on_delete: ignore # DECIDE: or delete, or {mark: {A_Checkbox__c: true}}"


def _field_lines(
    candidates: Sequence[FieldFacts],
    pairs: Mapping[str, Leaf],
    parents: Mapping[str, ObjectFacts | None],
    wanted: Wanted,
) -> Iterator[str]:
    count = 0
    for facts in candidates:
        leaf = pairs.get(facts.name)
        if leaf is None and not facts.is_required:
            continue
        proposal = propose(facts, leaf.value if leaf else None, parents, wanted.source)
        comments = list(proposal.comments)
        if leaf is None:
            comments.insert(0, f"DECIDE: the org requires {facts.name}; nothing in the sample is called like it")
        yield from (f"  # {comment}" for comment in comments)
        if proposal.rule is None:
            continue
        count += 1
        path = _jmespath(leaf.path) if leaf else f"DECIDE_{facts.name}"
        yield from _rule_lines(facts, {"from": path, **proposal.rule})
    if not count:
        yield "  # DECIDE: nothing in the sample is called like a field of the object."
        yield from _anything(candidates)


def _anything(candidates: Sequence[FieldFacts]) -> Iterator[str]:
    """Give one rule, so that the file loads."""
    texts = [each for each in candidates if each.type in ("string", "textarea")]
    if texts:
        yield from _rule_lines(
            texts[0], {"from": f"DECIDE_{texts[0].name}", "type": "text", "max_length": texts[0].length}
        )


def _rule_lines(facts: FieldFacts, rule: dict[str, Any]) -> Iterator[str]:
    if facts.is_required:
        rule["required"] = True
    relationship = relationship_of(facts.name)
    if rule["type"] == "reference" and facts.relationship and facts.relationship != relationship:
        rule["relationship"] = facts.relationship
    values: Mapping[str, str] = rule.pop("values", {})
    if not values:
        yield f"  {facts.name}: {_flow(rule)}"
        return
    yield f"  {facts.name}:"
    yield from (f"    {name}: {_flow(value)}" for name, value in rule.items())
    yield "    values:"
    yield from (f"      {_flow(word)}: {_flow(value)}" for word, value in values.items())


def _left_over(
    target: ObjectFacts, candidates: Sequence[FieldFacts], pairs: Mapping[str, Leaf], found: Sequence[Leaf]
) -> Iterator[str]:
    used = [leaf.path for leaf in pairs.values()]
    unused = [_jmespath(leaf.path) for leaf in found if leaf.path not in used]
    if unused:
        yield ""
        yield "# In the sample, and not mapped (lists are records of their own):"
        yield from _listed(unused)
    custom = [
        f"{each.name} ({each.type})" for each in candidates if each.name not in pairs and each.name.endswith("__c")
    ]
    if custom:
        yield f"# Fields of your own in {target.name}, and not mapped:"
        yield from _listed(custom)


def _listed(names: Sequence[str]) -> Iterator[str]:
    yield from (f"#   {name}" for name in names[:_MOST_LISTED])
    if len(names) > _MOST_LISTED:
        yield f"#   and {len(names) - _MOST_LISTED} more"


def _version(target: ObjectFacts, source: str) -> FieldFacts | None:
    for each in target.fields.values():
        name = each.name.casefold()
        fits = (each.type, each.precision, each.scale) == ("double", VERSION_DIGITS, 0)
        if fits and each.is_updateable and "version" in name and source.casefold() in name:
            return each
    return None


def _deleted(target: ObjectFacts, source: str) -> FieldFacts | None:
    for each in target.fields.values():
        name = each.name.casefold()
        if each.type == "boolean" and each.is_updateable and "deleted" in name and source.casefold() in name:
            return each
    return None


def _api(name: str) -> str:
    return "_".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", name)) or "Source"


def _jmespath(path: Sequence[str]) -> str:
    return ".".join(part if _IDENTIFIER.fullmatch(part) else json.dumps(part) for part in path)


def _flow(value: Any) -> str:
    """Write a value as YAML in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.casefold() not in _NOT_TEXT:
        return value
    return json.dumps(value, ensure_ascii=isinstance(value, str) and not value.isprintable())
