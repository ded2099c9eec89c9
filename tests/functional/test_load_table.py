"""The load table, as template.yaml makes it."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lockstep.adapters.load_table import DynamoDbLoadBook
from lockstep.domain.changes import PayloadReference
from lockstep.domain.chunks import Chunk
from lockstep.domain.dialects import Dialect, FileFormat
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.row_counts import RowCounts

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FILE = PayloadReference(bucket="drops", key="erp_account/a.csv")
CSV = Dialect(format=FileFormat.CSV, header=("no", "name"))


@pytest.fixture
def table(aws):
    return boto3.client("dynamodb")


def load(name="load-1", started_at=NOW):
    return Load(
        revision=1,
        load_id=name,
        route="erp_account",
        source="erp",
        entity="account",
        object_name="Account",
        name="erp_account/a.csv",
        file=FILE,
        size_bytes=100,
        file_time_ms=1,
        correlation_id="c-1",
        started_at=started_at,
        updated_at=started_at,
    )


def chunk(number):
    return Chunk(
        revision=1,
        load_id="load-1",
        number=number,
        object_name="Account",
        file=FILE,
        dialect=CSV,
        end_byte=50,
        rows=10,
        updated_at=NOW,
    )


def test_a_load_and_its_chunks_are_read_as_they_were_stored(table):
    book = DynamoDbLoadBook("loads", table)

    assert book.save_load(load())
    assert all(book.save_chunk(chunk(number)) for number in (2, 10, 1))

    assert book.load("load-1") == load()
    assert book.chunk("load-1", 10) == chunk(10)
    assert list(book.chunks("load-1")) == [chunk(1), chunk(2), chunk(10)]
    assert book.load("other") is None


def test_of_two_writers_the_second_learns_that_it_is_late(table):
    book = DynamoDbLoadBook("loads", table)
    book.save_load(load())
    first, second = load().changed(state=LoadState.RUNNING), load().changed(counts=RowCounts(read=1))

    assert book.save_load(first)
    assert not book.save_load(second)
    assert not book.save_load(load())

    assert book.load("load-1") == first


def test_recent_loads_come_youngest_first(table):
    book = DynamoDbLoadBook("loads", table)
    for number in range(3):
        book.save_load(load(f"load-{number}", NOW + timedelta(hours=number)))

    assert [each.load_id for each in book.recent(2)] == ["load-2", "load-1"]


def test_an_item_that_cannot_be_read_is_told_with_its_name(table):
    table.put_item(TableName="loads", Item={"load_id": {"S": "x"}, "part": {"S": "#load"}, "content": {"S": "{}"}})

    with pytest.raises(SyncError, match="x #load") as raised:
        DynamoDbLoadBook("loads", table).load("x")

    assert raised.value.kind is FailureKind.CONFIGURATION_INVALID
