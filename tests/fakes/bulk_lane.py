"""The bulk functions with an AWS and an org in this process: files are dropped as chunks, and worked off on a clock."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from functions.bulk_poll import handler as poll_handler
from functions.bulk_split import handler as split_handler
from functions.bulk_submit import handler as submit_handler
from functions.upsert import handler as upsert_handler
from lockstep.adapters.load_table import DynamoDbLoadBook
from lockstep.domain.changes import PayloadReference
from lockstep.domain.chunks import Chunk, ChunkState
from lockstep.domain.dialects import Dialect, FileFormat
from lockstep.domain.loads import Load, LoadState
from lockstep.domain.routes import Route
from lockstep.domain.row_counts import RowCounts
from lockstep.runtime import bulk_kit, route_files
from lockstep.runtime.settings import BulkPollSettings
from lockstep.services.resume_load import ResumeLoad
from tests.chaos.crashes import Calls, Crash
from tests.chaos.surroundings import queue_url
from tests.chaos.world import World, forget_environment, new_world

KEY, VERSION = "ERP_Account_ID__c", "ERP_Version__c"
BUCKET = "payloads"
HEADER = ("no", "version", "name", "city")
POLL_VISIBILITY_S = 510
ROUTE: Mapping[str, Any] = {
    "source": "erp",
    "entity": "account",
    "object": "Account",
    "external_id": {"field": KEY},
    "version_field": VERSION,
    "version_fence": True,
    "on_delete": {"mark": {"Is_Deleted_In_ERP__c": True}},
    "file": {"external_id": "no", "version": {"at": "version", "as": "integer"}},
    "fields": {
        "Name": {"from": "name", "type": "text", "required": True},
        "BillingCity": {"from": "city", "type": "text", "max_length": 10},
        "Is_Deleted_In_ERP__c": {"type": "constant", "value": False},
    },
}


class BulkLane:
    """Drops files and works them off."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch) -> None:
        self.world = world
        self._patch = patch
        self.clock, self.org, self.calls = world.clock, world.org, world.calls
        self.book = DynamoDbLoadBook("loads")
        self.remaining_ms: list[int] = []
        self._s3, self._sqs = boto3.client("s3"), boto3.client("sqs")

    def drop(
        self,
        rows: Sequence[Sequence[object]],
        *,
        name: str = "load-1",
        route: tuple[str, str] = ("erp", "account"),
        header: Sequence[str] = HEADER,
        per_chunk: int = 1_000_000,
        file_time_ms: int = 1_700_000_000_000,
    ) -> Load:
        """Take a file in as bulk_split does: its chunks are stored and on the queue."""
        lines = [",".join(map(str, header)), *(",".join(map(str, row)) for row in rows)]
        parts = [f"{line}\n".encode() for line in lines]
        key = f"{'_'.join(route)}/{name}.csv"
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=b"".join(parts))
        dialect = Dialect(format=FileFormat.CSV, header=tuple(header))
        file = PayloadReference(bucket=BUCKET, key=key)
        starts = range(0, max(len(rows), 1), per_chunk)
        load = self._load(name, file, sum(map(len, parts)), file_time_ms, len(starts), dialect, route)
        assert self.book.save_load(load)
        for number, start in enumerate(starts, 1):
            end = min(start + per_chunk, len(rows))
            chunk = Chunk(
                revision=1,
                load_id=load.load_id,
                number=number,
                object_name="Account",
                file=file,
                dialect=dialect,
                first_byte=sum(map(len, parts[: start + 1])),
                end_byte=sum(map(len, parts[: end + 1])),
                first_line=start + 2,
                rows=end - start,
                updated_at=self.clock.now,
            )
            assert self.book.save_chunk(chunk)
            self.send("chunks", chunk)
        return load

    def _load(
        self,
        name: str,
        file: PayloadReference,
        size: int,
        file_time_ms: int,
        chunks: int,
        dialect: Dialect,
        route: tuple[str, str],
    ) -> Load:
        return Load(
            revision=1,
            load_id=name,
            route="_".join(route),
            source=route[0],
            entity=route[1],
            object_name="Account",
            name=file.key,
            file=file,
            size_bytes=size,
            file_time_ms=file_time_ms,
            correlation_id=f"c-{name}",
            state=LoadState.RUNNING,
            dialect=dialect,
            chunks=chunks,
            is_split=True,
            started_at=self.clock.now,
            updated_at=self.clock.now,
        )

    def send(self, queue: str, chunk: Chunk) -> None:
        """Put a chunk's message on a queue."""
        body = json.dumps({"load_id": chunk.load_id, "number": chunk.number, "attempt": chunk.attempt})
        self._sqs.send_message(QueueUrl=queue_url(queue), MessageBody=body)

    def send_body(self, queue: str, body: str) -> None:
        """Put a text on a queue."""
        self._sqs.send_message(QueueUrl=queue_url(queue), MessageBody=body)

    def step(self, queue: str) -> bool | None:
        """Let a function take the next message: True where it is done, False where it comes again, None without one."""
        messages = self.world.receive(1, queue)
        return self.take(queue, messages) if messages else None

    def take(self, queue: str, messages: Sequence[Any], *, remaining_ms: int = 60_000) -> bool:
        """Hand a message to its function; otherwise like `step`."""
        handler = {"drops": split_handler, "chunks": submit_handler, "polls": poll_handler}[queue]
        event = {"Records": [{"messageId": each["MessageId"], "body": each["Body"]} for each in messages]}
        try:
            with self.world._process():
                answer = handler.lambda_handler(event, self._context(remaining_ms))
        except Crash:
            self.world.new_process()
            forget_bulk()
            return False
        again = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        self.world.acknowledge(messages, again, queue)
        return not again

    def _context(self, remaining_ms: int = 60_000) -> Any:
        remaining = iter(self.remaining_ms)
        return SimpleNamespace(
            function_name="bulk",
            memory_limit_in_mb=256,
            invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:bulk",
            aws_request_id="request-1",
            get_remaining_time_in_millis=lambda: next(remaining, remaining_ms),
        )

    def sweep(self) -> None:
        """Let the schedule's run do its work."""
        with self.world._process():
            poll_handler.lambda_handler({}, self._context())

    def work(self, most_s: int = 40_000, step_s: int = 5) -> None:
        """Let time pass until both queues, and the inbound one, are empty."""
        waited = 0
        while any(self.world.depth(queue) for queue in ("chunks", "polls", "inbound")):
            for queue in ("chunks", "polls"):
                while self.step(queue) is not None:
                    pass
            while messages := self.world.receive():
                self.world.invoke(messages)
            assert waited < most_s, f"never ends: {[each.state for each in self.chunks()]}"
            self.clock.advance(step_s)
            waited += step_s

    def work_for(self, seconds: int, step_s: int = 5) -> None:
        """Let some time pass, whatever is left."""
        for _ in range(0, seconds, step_s):
            for queue in ("chunks", "polls"):
                while self.step(queue) is not None:
                    pass
            self.clock.advance(step_s)

    def resume(self, name: str = "load-1", *, accepts_missing: bool = False) -> None:
        """Let a load go on, as a person does."""
        settings = BulkPollSettings.from_env()
        ResumeLoad(bulk_kit.build_desk(settings))(name, accepts_missing=accepts_missing)

    def work_backwards(self, name: str = "load-1") -> None:
        """Let the last chunk have its turn first."""
        self.world.acknowledge(self.world.receive(10, "chunks"), set(), "chunks")
        for chunk in reversed(self.chunks(name)):
            self.send("chunks", chunk)
            self.step("chunks")
            self.clock.advance(6)
            self.step("polls")
        self.work()

    def kit(self) -> bulk_kit.BulkKit:
        """Return what the functions are made of, to do what they do not."""
        return bulk_kit.build_kit(BulkPollSettings.from_env())

    def put(self, key: str, text: str) -> None:
        """Store an object."""
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def remove(self, key: str) -> None:
        """Delete an object."""
        self._s3.delete_object(Bucket=BUCKET, Key=key)

    def org_time(self) -> datetime:
        """Return the time by the org's clock."""
        return datetime.fromtimestamp(self.org.clock.now_s(), UTC)

    def route(self, route: Mapping[str, Any]) -> None:
        """Deploy another route."""
        model = Route.model_validate(route)
        self._patch.setattr(route_files, "load_route_models", lambda: {"erp_account": model})
        forget_bulk()
        forget_environment()

    def hold_no_route(self) -> None:
        """Let the org decide whether a route fits it."""
        self._patch.setenv("HOLD_BROKEN_ROUTES", "false")
        forget_bulk()
        forget_environment()

    def heal(self, step_s: int = 5) -> None:
        """Work, sweep and retry until nothing is left to do."""
        for _ in range(12):
            self.work(step_s=step_s)
            if self.world.errors("Retrying"):
                self.world.retry()
                self.work(step_s=step_s)
            self.sweep()
            if not self.world.errors("Retrying") and all(chunk.state is ChunkState.DONE for chunk in self.chunks()):
                return
            self.clock.advance(1_000)
        raise AssertionError(f"never heals: {[each.state for each in self.chunks()]}")

    # What is there.

    def load(self, name: str = "load-1") -> Load:
        found = self.book.load(name)
        assert found is not None
        return found

    def chunks(self, name: str = "load-1") -> list[Chunk]:
        return list(self.book.chunks(name))

    def counts(self, name: str = "load-1") -> RowCounts:
        return RowCounts.sum_of([self.load(name).counts, *(chunk.counts for chunk in self.chunks(name))])

    def records(self, field: str = "Name") -> dict[str, Any]:
        """Return a field of each account, by External ID; two of one ID are an error."""
        found = [record for record in self.org.records("Account") if record[KEY]]
        by_key = {record[KEY]: record[field] for record in found}
        assert len(by_key) == len(found), "two records of one External ID"
        return by_key

    def file(self, key: str) -> str:
        text: str = self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
        return text

    def files(self, prefix: str) -> list[str]:
        return [each["Key"] for each in self._s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]

    def jobs(self) -> list[str]:
        """Return the states of all ingest jobs that the org was asked for."""
        with self.org.lock:
            return [str(job.state) for job in self.org.bulk.ingest.all()]

    def alerts(self) -> list[str]:
        """Return what people were told."""
        leases = boto3.client("dynamodb").scan(TableName="leases")["Items"]
        return sorted(item["name"]["S"] for item in leases if item["name"]["S"].startswith("alert#"))


def forget_bulk() -> None:
    split_handler.take_drops.cache_clear()
    submit_handler.submit_chunk.cache_clear()
    poll_handler.poll_job.cache_clear()


@contextmanager
def bulk_lane(calls: Calls | None = None, slots: int = 4, **route: Any) -> Iterator[BulkLane]:
    """Make all of it; `route` changes the route that files are loaded by."""
    model = Route.model_validate({**ROUTE, **route})
    with new_world(calls) as world, bulk_functions(world, {"erp_account": model}, slots) as lane:
        yield lane


@contextmanager
def bulk_functions(world: World, routes: Mapping[str, Route], slots: int) -> Iterator[BulkLane]:
    """Let a world have the bulk functions too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(route_files, "load_route_models", lambda: routes)
        for name, value in {
            "POLL_QUEUE_URL": queue_url("polls"),
            "BULK_JOBS_PER_OBJECT": str(slots),
            "CHUNK_LEASE_SECONDS": "100",
            "BULK_CLAIM_HOURS": "6",
            "BULK_GIVE_BACK_MINUTES": "30",
            "BULK_STUCK_AFTER_MINUTES": "60",
        }.items():
            patch.setenv(name, value)
        forget_bulk()
        forget_environment()
        yield BulkLane(world, patch)
        forget_bulk()
        upsert_handler.upsert_changes.cache_clear()
