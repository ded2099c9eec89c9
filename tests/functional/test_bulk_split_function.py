"""The bulk_split and bulk_dead_letter functions with the bucket, the queues and the table of an AWS in process."""

import json
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote_plus

import boto3
import pytest

from functions.bulk_dead_letter import handler as dead_handler
from functions.bulk_split import handler
from lockstep.adapters.drop_files import BLOCK_BYTES, WRITTEN_AT, S3DropFiles
from lockstep.adapters.load_table import DynamoDbLoadBook
from lockstep.domain.changes import PayloadReference
from lockstep.domain.chunks import ChunkMessage, ChunkState
from lockstep.domain.failures import SyncError
from lockstep.domain.file_problems import FileProblemError
from lockstep.domain.loads import LoadState
from tests.functional.conftest import messages, queue_url

ROOT = Path(__file__).parents[2]
ACCOUNTS = b"id,revision,name\n" + b"".join(b"%d,1,Name %d\n" % (line, line) for line in range(1, 26))
CONTEXT = SimpleNamespace(
    function_name="bulk_split",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:bulk_split",
    aws_request_id="request-1",
    get_remaining_time_in_millis=lambda: 900_000,
)


class Lane:
    """The two functions, invoked as their triggers would."""

    book = DynamoDbLoadBook

    def __init__(self):
        self.book = DynamoDbLoadBook("loads")
        self.s3 = boto3.client("s3")

    def put(self, key, content, **more):
        """Put an object, and return what S3 says of it."""
        put = self.s3.put_object(Bucket="drops", Key=key, Body=content, **more)
        told = {"key": quote_plus(key, safe="/"), "size": len(content), "eTag": put["ETag"].strip('"')}
        s3 = {"bucket": {"name": "drops"}, "object": {**told, "versionId": put["VersionId"]}}
        return json.dumps(
            {"Records": [{"eventTime": "2026-11-26T12:00:00.000Z", "eventName": "ObjectCreated:Put", "s3": s3}]}
        )

    def split(self, *bodies):
        return _invoke(handler, bodies)

    def bury(self, *bodies):
        return _invoke(dead_handler, bodies)

    def loads(self):
        return self.book.recent(10)


def _invoke(module, bodies):
    records = [{"messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]
    answer = module.lambda_handler({"Records": records}, CONTEXT)
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def lane(aws, monkeypatch):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="drops")
    s3.put_bucket_versioning(Bucket="drops", VersioningConfiguration={"Status": "Enabled"})
    for name in ("drops", "drops-dead", "chunks"):
        boto3.client("sqs").create_queue(QueueName=name)
    settings = {
        "LOAD_TABLE": "loads",
        "LEASE_TABLE": "leases",
        "ERROR_LOG_TABLE": "error-log",
        "CHANGE_LOG_RETENTION_DAYS": "90",
        "PAYLOAD_BUCKET": "payloads",
        "DROP_QUEUE_URL": queue_url("drops"),
        "DROP_DEAD_LETTER_QUEUE_URL": queue_url("drops-dead"),
        "CHUNK_QUEUE_URL": queue_url("chunks"),
        "CHUNK_ROWS": "10",
        "ALERT_TOPIC_ARN": boto3.client("sns").create_topic(Name="alerts")["TopicArn"],
        "SECRET_PREFIX": "stack/",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    caches = (handler.take_drops, dead_handler.take_bulk_dead_letters)
    for cache in caches:
        cache.cache_clear()
    yield Lane()
    for cache in caches:
        cache.cache_clear()


def test_dropped_file_becomes_chunks_on_the_queue(lane):
    assert lane.split(lane.put("erp_account/night ly ü.csv", ACCOUNTS)) == []

    (load,) = lane.loads()
    assert (load.state, load.chunks, load.object_name) == (LoadState.RUNNING, 3, "Account")
    chunks = list(lane.book.chunks(load.load_id))
    assert [(chunk.rows, chunk.first_line) for chunk in chunks] == [(10, 2), (10, 12), (5, 22)]
    sent = {ChunkMessage.model_validate_json(each["Body"]).number for each in messages("chunks")}
    assert sent == {1, 2, 3}


def test_a_chunk_is_read_in_the_version_that_was_announced(lane):
    body = lane.put("erp_account/a.csv", ACCOUNTS)
    lane.put("erp_account/a.csv", b"id,revision\n")
    lane.split(body)

    (load,) = lane.loads()
    blocks = S3DropFiles("payloads").blocks(load.file, load.file_version, 0, load.size_bytes)
    assert b"".join(blocks) == ACCOUNTS


def test_file_time_is_when_the_sender_says_that_it_was_written(lane):
    lane.split(lane.put("erp_account/a.csv", ACCOUNTS, Metadata={WRITTEN_AT: "2020-01-01T00:00:00+00:00"}))
    lane.split(lane.put("erp_account/b.csv", ACCOUNTS, Metadata={WRITTEN_AT: "2999-01-01T00:00:00+00:00"}))
    lane.split(lane.put("erp_account/c.csv", ACCOUNTS, Metadata={WRITTEN_AT: "soon"}))

    times = {load.name: load.file_time_ms for load in lane.loads()}
    assert times["a.csv"] == 1_577_836_800_000
    assert times["b.csv"] < 32_000_000_000_000
    assert times["c.csv"] > 1_577_836_800_000


def test_compressed_file_is_kept_in_pieces(lane):
    import gzip

    lane.split(lane.put("erp_account/a.csv.gz", gzip.compress(ACCOUNTS)))

    (load,) = lane.loads()
    pieces = [
        lane.s3.get_object(Bucket=chunk.file.bucket, Key=chunk.file.key)["Body"].read()
        for chunk in lane.book.chunks(load.load_id)
    ]
    assert b"".join(pieces) == ACCOUNTS.partition(b"\n")[2]
    assert all(piece.count(b"\n") <= 10 for piece in pieces)


def test_file_that_was_deleted_before_it_was_read_is_a_load_that_waits(lane):
    body = lane.put("erp_account/a.csv", ACCOUNTS)
    version = json.loads(body)["Records"][0]["s3"]["object"]["versionId"]
    lane.s3.delete_object(Bucket="drops", Key="erp_account/a.csv", VersionId=version)

    assert lane.split(body) == []

    (load,) = lane.loads()
    assert (load.state, load.chunks) == (LoadState.WAITING, 0)
    assert "deleted before it was read" in load.waits_for


def test_what_is_no_drop_goes_to_the_dead_letters_and_its_neighbours_are_taken(lane):
    assert lane.split("hello", lane.put("erp_account/a.csv", ACCOUNTS)) == []

    assert [each["Body"] for each in messages("drops-dead")] == ["hello"]
    assert len(lane.loads()) == 1


def test_large_object_is_read_in_ranges(lane):
    content = b"0123456789" * ((2 * BLOCK_BYTES + 100) // 10)
    lane.put("erp_account/a.csv", content)
    file = PayloadReference(bucket="drops", key="erp_account/a.csv")

    blocks = list(S3DropFiles("payloads").blocks(file, "", 7, len(content)))

    assert b"".join(blocks) == content[7:]
    assert len(blocks) == 3


def test_what_aws_refuses_is_no_missing_file(lane):
    class Client:
        def __getattr__(self, name):
            def call(**_):
                from botocore.exceptions import ClientError

                raise ClientError({"Error": {"Code": "SlowDown"}}, name)

            return call

    files = S3DropFiles("payloads", Client())
    file = PayloadReference(bucket="drops", key="a")

    with pytest.raises(SyncError):
        files.facts(file, "v")
    with pytest.raises(SyncError):
        list(files.blocks(file, "v", 0, 1))
    with pytest.raises(FileProblemError, match="deleted before it was read"):
        list(S3DropFiles("payloads").blocks(file, "", 0, 1))


def test_body_that_breaks_off_is_asked_for_again():
    from botocore.exceptions import IncompleteReadError

    class Body:
        def __init__(self, times):
            self.times = times

        def read(self):
            if self.times:
                raise IncompleteReadError(actual_bytes=1, expected_bytes=2)
            return b"ab"

    class Client:
        asked = 0

        def get_object(self, **_):
            self.asked += 1
            return {"Body": Body(self.asked < 3), "ContentLength": 2}

    client = Client()

    assert list(S3DropFiles("p", client).blocks(PayloadReference(bucket="b", key="k"), "", 0, 2)) == [b"ab"]
    assert client.asked == 3


def _waiting(lane):
    (load,) = lane.loads()
    return load.state, load.waits_for


def test_given_up_drop_is_a_load_that_waits(lane):
    assert lane.bury(lane.put("erp_account/a.csv", ACCOUNTS)) == []

    state, why = _waiting(lane)
    assert state is LoadState.WAITING
    assert "cutting it failed" in why


def test_given_up_load_waits_and_keeps_its_chunks(lane):
    lane.split(lane.put("erp_account/a.csv", ACCOUNTS))
    (load,) = lane.loads()
    lane.book.save_load(load.changed(is_split=False, state=LoadState.SPLITTING))

    assert lane.bury(json.dumps({"load_id": load.load_id})) == []

    assert _waiting(lane)[0] is LoadState.WAITING
    assert len(list(lane.book.chunks(load.load_id))) == 3


def test_given_up_chunk_waits_and_its_load_with_it(lane):
    lane.split(lane.put("erp_account/a.csv", ACCOUNTS))
    (load,) = lane.loads()
    message = ChunkMessage(load_id=load.load_id, number=2).model_dump_json()

    assert lane.bury(message, message) == []

    assert [chunk.state for chunk in lane.book.chunks(load.load_id)] == [
        ChunkState.QUEUED,
        ChunkState.WAITING,
        ChunkState.QUEUED,
    ]
    state, why = _waiting(lane)
    assert state is LoadState.WAITING
    assert why.startswith("chunk 2 failed")


@pytest.mark.parametrize("done", ["chunk done", "load done", "later attempt"])
def test_given_up_message_of_what_has_gone_on_changes_nothing(lane, done):
    lane.split(lane.put("erp_account/a.csv", ACCOUNTS))
    (load,) = lane.loads()
    chunk = lane.book.chunk(load.load_id, 1)
    if done == "chunk done":
        lane.book.save_chunk(chunk.changed(state=ChunkState.DONE))
    elif done == "later attempt":
        lane.book.save_chunk(chunk.changed(attempt=2))
    else:
        lane.book.save_load(load.changed(state=LoadState.DONE))
        lane.book.save_chunk(chunk.changed(state=ChunkState.DONE))
    before = lane.book.chunk(load.load_id, 1), lane.loads()

    assert lane.bury(ChunkMessage(load_id=load.load_id, number=1).model_dump_json()) == []

    assert (lane.book.chunk(load.load_id, 1), lane.loads()) == before


def test_given_up_text_that_is_no_message_is_in_the_error_log(lane):
    assert lane.bury("x" * 200_000) == []

    (entry,) = boto3.client("dynamodb").scan(TableName="error-log")["Items"]
    assert entry["failure_kind"]["S"] == "MESSAGE_INVALID"


def test_sample_events_are_taken(lane):
    events = {path.stem: json.loads(path.read_text()) for path in (ROOT / "events/bulk_split").glob("*.json")}

    for event in events.values():
        assert handler.lambda_handler(event, CONTEXT) == {"batchItemFailures": []}

    (load,) = lane.loads()
    assert (load.name, load.route) == ("night export ü.csv", "erp_account")
    assert "deleted before it was read" in load.waits_for
