"""bulk_split dies after each of its calls that change something; the message comes again, and no row is lost."""

import json
from types import SimpleNamespace

import boto3
import pytest

from functions.bulk_split import handler as split_handler
from lockstep.domain.chunks import ChunkState
from lockstep.domain.loads import LoadState
from tests.chaos.crashes import Calls, Crash, Point, When, die
from tests.fakes.bulk_lane import ROUTE, bulk_lane
from tests.fakes.drops_lane import drops_lane, put_event

HEADER = b"no,version,name,city\n"
FILE = HEADER + b"".join(b"k%d,1,Name,Bonn\n" % number for number in range(5))
CONTEXT = {"function_name": "bulk_split", "memory_limit_in_mb": 256, "aws_request_id": "r",
           "invoked_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:bulk_split"}  # fmt: skip
WAYS = {"as it comes": {}, "all or nothing": {"file": {**ROUTE["file"], "all_or_nothing": True}}}


def split(lane, body, remaining_ms=900_000):
    """Deliver a message once; False where the function died."""
    context = SimpleNamespace(**CONTEXT, get_remaining_time_in_millis=lambda: remaining_ms)
    try:
        with lane.world._process():
            answer = split_handler.lambda_handler({"Records": [{"messageId": "m", "body": body}]}, context)
    except Crash:
        lane.world.new_process()
        split_handler.take_drops.cache_clear()
        return False
    return answer == {"batchItemFailures": []}


def work(lane, body, remaining_ms):
    """Deliver the drop until it is taken, then what the function sends to itself."""
    sqs = boto3.client("sqs")
    drops = sqs.get_queue_url(QueueName="drops")["QueueUrl"]
    while not split(lane, body, remaining_ms):
        pass
    while messages := sqs.receive_message(QueueUrl=drops, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            while not split(lane, message["Body"], remaining_ms):
                pass
            sqs.delete_message(QueueUrl=drops, ReceiptHandle=message["ReceiptHandle"])


def calls_of(monkeypatch, way):
    """Return the names of the calls of a run without a crash."""
    calls = Calls()
    with bulk_lane(calls, **WAYS[way]) as lane, drops_lane(monkeypatch):
        body = put_event("erp_account/a.csv", FILE)
        assert split(lane, body)
        return list(calls.names)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("remaining_ms", [900_000, 1_000], ids=["in one go", "in many"])
def test_every_row_is_in_one_chunk_with_a_message_wherever_the_splitter_dies(monkeypatch, subtests, way, remaining_ms):
    names = calls_of(monkeypatch, way)
    writes = [number for number, name in enumerate(names, 1) if name.startswith(("Put", "Send", "Update"))]
    assert len(writes) > 4

    for number in writes:  # what dies after a call that only reads has done what dies after the one before
        with subtests.test(f"after {names[number - 1]}, call {number}"):
            is_split(monkeypatch, way, remaining_ms, Calls(Point(number, When.AFTER), die))


def is_split(monkeypatch, way, remaining_ms, calls):
    with bulk_lane(calls, **WAYS[way]) as lane, drops_lane(monkeypatch):
        work(lane, put_event("erp_account/a.csv", FILE), remaining_ms)

        (load,) = lane.book.recent(5)
        chunks = list(lane.book.chunks(load.load_id))
        pieces = [FILE[chunk.first_byte : chunk.end_byte] for chunk in chunks]
        assert HEADER + b"".join(pieces) == FILE
        assert [(chunk.rows, chunk.first_line) for chunk in chunks] == [(2, 2), (2, 4), (1, 6)]
        assert {chunk.state for chunk in chunks} == {ChunkState.QUEUED}
        assert (load.state, load.chunks, load.is_split) == (LoadState.RUNNING, 3, True)
        sent = {json.loads(message["Body"])["number"] for message in lane.world.receive(10, "chunks")}
        assert sent == {1, 2, 3}
