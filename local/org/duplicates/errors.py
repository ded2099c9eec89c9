"""The refusal of a duplicate: one row's error like any other, and more where a single record was sent."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from local.org.duplicates.matching_rules import MatchingRule
from local.org.errors import RowError
from local.org.record import ID, Record

# Answers of v54.0 that users quote spell the key so, those of v62.0 as the documentation does; nobody says since when.
_LAST_MISSPELT = 54
_MISSPELT, _SPELT = "duplicateResut", "duplicateResult"


class Found(NamedTuple):
    """The records that one matching rule found."""

    rule: MatchingRule
    records: Sequence[Record]


class DuplicatesError(RowError):
    """Raised where a save is refused because of the records that it matches."""

    def __init__(
        self, alert: str, rule_name: str, object_name: str, found: Sequence[Found], *, allows: bool, shows_fields: bool
    ) -> None:
        super().__init__("DUPLICATES_DETECTED", alert)
        self._rule_name = rule_name
        self._object_name = object_name
        self._found = tuple(found)
        self._allows = allows
        self._shows_fields = shows_fields

    def entry(self, base: str) -> dict[str, Any]:
        """Return the error of a single record; it has no `fields`."""
        version = int(base.rpartition("/v")[2].partition(".")[0])
        key = _MISSPELT if version <= _LAST_MISSPELT else _SPELT
        return {key: self._result(base), "errorCode": self.status_code, "message": self.message}

    def _result(self, base: str) -> dict[str, Any]:
        return {
            "allowSave": self._allows,
            "duplicateRule": self._rule_name,
            "duplicateRuleEntityType": self._object_name,
            "errorMessage": self.message,
            "matchResults": [self._match_result(each, base) for each in self._found],
        }

    def _match_result(self, found: Found, base: str) -> dict[str, Any]:
        rule = found.rule
        return {
            "entityType": rule.object_name,
            "errors": [],
            "matchEngine": "FuzzyMatchEngine" if rule.is_fuzzy else "ExactMatchEngine",
            "matchRecords": [self._match_record(each, rule.object_name, base) for each in found.records],
            "rule": rule.name,
            "size": len(found.records),
            "success": True,
        }

    def _match_record(self, record: Record, object_name: str, base: str) -> dict[str, Any]:
        attributes = {"type": object_name, "url": f"{base}/sobjects/{object_name}/{record[ID]}"}
        shown = {name: record.get(name) for name in (record.slots if self._shows_fields else ("Id",))}
        return {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": attributes, **shown},
        }
