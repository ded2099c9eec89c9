"""What the bulk lane remembers in DynamoDB and S3: slots, deletions, files."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lockstep.adapters.deletions import DynamoDbDeletions
from lockstep.adapters.job_slots import DynamoDbJobSlots
from lockstep.adapters.load_files import S3LoadFiles
from lockstep.adapters.local_files import TemporaryFiles
from lockstep.adapters.version_guard import DynamoDbVersionGuard
from lockstep.domain.changes import PayloadReference, Version
from lockstep.domain.chunks import Chunk
from lockstep.domain.dialects import Dialect, FileFormat
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.guard import GuardAnswer, GuardClaim
from lockstep.services.known_deletions import KnownDeletions

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_slots_are_had_until_they_are_given_back_or_their_time_is_over(aws):
    slots = DynamoDbJobSlots("leases", 2, 3600)

    assert [slots.take("Account", name, NOW) for name in ("a", "b", "c", "a")] == [True, True, False, True]
    assert slots.take("Contact", "c", NOW)
    slots.give_back("Account", "a")
    slots.give_back("Account", "a")
    assert slots.take("Account", "c", NOW)
    assert not slots.take("Account", "d", NOW + timedelta(seconds=3599))
    assert slots.take("Account", "d", NOW + timedelta(seconds=3601))


def claim(key, version, *, is_delete):
    return GuardClaim("erp", "Account", key, Version(version, 1, 1), "hash", f"c-{key}-{version}", is_delete)


def write(guard, *claims, at=NOW):
    for each in claims:
        assert guard.claim([each], "me", at) == [GuardAnswer.GRANTED]
        guard.commit([each], "me")


def test_what_was_deleted_is_in_the_index_until_it_is_written_again(aws):
    guard, deletions = DynamoDbVersionGuard("version-guard", 75), DynamoDbDeletions("version-guard")
    write(guard, claim("a", 1, is_delete=False), claim("a", 2, is_delete=True), claim("b#1", 3, is_delete=True))
    write(guard, claim("c", 3, is_delete=True), claim("c", 4, is_delete=False))

    found = list(deletions.since("erp", "Account", 0))
    assert sorted((each.external_id, each.version.stamp) for each in found) == [("a", 2), ("b#1", 3)]
    assert list(deletions.since("erp", "Account", found[0].deleted_at_ms + 1)) == []
    assert list(deletions.since("shop", "Account", 0)) == []


@pytest.mark.parametrize("most", [100, 1], ids=["remembered", "too many to be remembered"])
def test_deletions_of_a_chunks_keys_are_known_whenever_they_were(aws, most):
    guard = DynamoDbVersionGuard("version-guard", 75)
    known = KnownDeletions(DynamoDbDeletions("version-guard"), most)
    now_ms = int(NOW.timestamp() * 1000)
    write(guard, *(claim(key, 1, is_delete=True) for key in "abc"))
    first = known.of("erp", "Account", {"a", "c", "x"}, now_ms)
    write(guard, claim("d", 1, is_delete=True), at=NOW + timedelta(hours=1))
    second = known.of("erp", "Account", {"b", "d"}, now_ms + 3_600_000)

    assert (set(first), set(second)) == ({"a", "c"}, {"b", "d"})
    assert set(known.since("erp", "Account", now_ms + 1_800_000)) == {"d"}


def test_a_chunks_bytes_are_read_and_what_is_gone_is_told(aws):
    boto3.client("s3").put_object(Bucket="payloads", Key="a.csv", Body=b"0123456789")
    files = S3LoadFiles("payloads")
    chunk = Chunk(
        revision=1,
        load_id="l",
        number=1,
        object_name="Account",
        file=PayloadReference(bucket="payloads", key="a.csv"),
        dialect=Dialect(format=FileFormat.CSV),
        first_byte=3,
        end_byte=7,
        updated_at=NOW,
    )

    assert files.open(chunk).read(100) == b"3456"
    assert files.open(chunk.model_copy(update={"end_byte": 3})).read(100) == b""
    with pytest.raises(SyncError) as raised:
        files.open(chunk.model_copy(update={"file": PayloadReference(bucket="payloads", key="b.csv")}))
    assert raised.value.kind is FailureKind.FILE_GONE
    with TemporaryFiles().new() as local:
        local.append([b"x"])
        assert files.get("loads/none", local) is False
        assert local.size == 0
