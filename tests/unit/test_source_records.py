"""The records of a source as the org lists them, against a file that is the whole truth."""

import pytest

from lockstep.domain.comparisons import Comparison, Stage
from lockstep.domain.external_ids import KeyKind
from lockstep.domain.routes import Route
from lockstep.domain.source_records import SourceRecords, Standing, query_of

CUTOFF_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
HEADER = ["Id", "Key__c", "CreatedDate", "Version__c", "Gone__c", "Left__c"]
OLD = "2025-12-31T23:59:59.000Z"


def route(**more):
    plain = {
        "source": "shop",
        "entity": "customer",
        "object": "Account",
        "external_id": {"field": "Key__c"},
        "version_field": "Version__c",
        "on_delete": {"mark": {"Gone__c": True, "Left__c": 3}},
        "fields": {"Name": {"from": "name", "type": "text"}},
    }
    return Route.model_validate({**plain, **more})


def test_query_asks_for_what_is_compared_and_each_field_once():
    marks_own_version = route(on_delete={"mark": {"Gone__c": True}})

    assert query_of(marks_own_version) == (
        "SELECT Id, Key__c, CreatedDate, Version__c, Gone__c FROM Account WHERE Key__c != null"
    )
    assert query_of(route(version_field=None, on_delete="delete")) == (
        "SELECT Id, Key__c, CreatedDate FROM Account WHERE Key__c != null"
    )


@pytest.mark.parametrize(
    ("created", "version", "gone", "left", "standing"),
    [
        (OLD, "5.0", "false", "3.0", Standing.OLDER),
        (OLD, "", "", "", Standing.OLDER),
        (OLD, "5.0", "true", "3.0", Standing.MARKED),
        (OLD, "5.0", "TRUE", "3", Standing.MARKED),
        (OLD, "1.767225600001E12", "false", "", Standing.NEWER),
        (OLD, "1.767225600000E12", "false", "", Standing.OLDER),
        ("2026-01-01T00:00:01.000Z", "", "false", "", Standing.NEWER),
        ("2026-01-01T00:00:01.000+0000", "", "false", "", Standing.NEWER),
    ],
)
def test_a_record_is_marked_or_newer_or_could_have_been_named(created, version, gone, left, standing):
    records = SourceRecords(route(), HEADER, CUTOFF_MS, KeyKind.EXACT)

    assert records.standing_of(["001", "k1", created, version, gone, left]) is standing


@pytest.mark.parametrize(
    ("kind", "key", "name"),
    [
        (KeyKind.NUMBER, "12.0", "12"),
        (KeyKind.NUMBER, "9.12260031E8", "912260031"),
        (KeyKind.NUMBER, "12.5", "12.5"),
        (KeyKind.EXACT, "12.0", "12.0"),
    ],
)
def test_a_number_is_named_as_sources_write_it(kind, key, name):
    records = SourceRecords(route(), HEADER, CUTOFF_MS, kind)

    assert records.name_of(["001", key, OLD, "", "", ""]) == ("001", name)


@pytest.mark.parametrize(
    ("missing", "known", "limit", "is_beyond"),
    [(1, 100, 1, False), (2, 100, 1, True), (2, 199, 1, True), (1, 100, 0, True), (0, 0, 0, False), (5, 5, 100, False)],
)
def test_limit_is_a_share_of_the_records_that_are_known(missing, known, limit, is_beyond):
    compared = Comparison(rule="delete", limit_percent=limit, cutoff_ms=0, missing=missing, known=known)

    assert compared.is_beyond_limit is is_beyond
    goes_on = Stage.SENDING if missing else Stage.DONE
    assert compared.decided().stage is (Stage.ASKING if is_beyond else goes_on)
    assert compared.changed(accepted=True).decided().stage is goes_on
    assert compared.changed(rule="report").decided().stage is Stage.DONE
