"""The mirror of the error log and the object in `salesforce/` name the same fields, lengths and words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.org.schema_loader import load_schema
from lockstep.domain.error_log import EntryStatus, unreadable_entry
from lockstep.domain.error_mirror import KEY, MAX_LENGTHS, MAX_RETRY_COUNT, OBJECT, mirrored

FIELDS = load_schema([Path(__file__).parents[2] / "salesforce"]).objects[OBJECT].fields
RECORD = mirrored(unreadable_entry("x" * 200_000, "no JSON", datetime(2026, 11, 24, tzinfo=UTC)))


def test_the_mirror_fills_every_field_of_the_object():
    assert set(RECORD) == {name for name in FIELDS if name.endswith("__c")}
    assert FIELDS[KEY].external_id


def test_lengths_are_those_of_the_fields():
    texts = {name: field.length for name, field in FIELDS.items() if field.type in {"string", "textarea"}}

    assert {name: length for name, length in texts.items() if name.endswith("__c")} == MAX_LENGTHS
    assert len(str(MAX_RETRY_COUNT)) == FIELDS["Retry_Count__c"].precision


def test_the_words_of_the_status_are_those_of_the_log():
    assert {each.value for each in EntryStatus} == {entry.value for entry in FIELDS["Status__c"].picklist_values}


@pytest.mark.parametrize("name", [name for name in RECORD if name.endswith("_At__c")])
def test_times_stand_in_fields_for_times(name):
    assert FIELDS[name].type == "datetime"
