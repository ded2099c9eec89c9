"""What a stack has of files and loads, as the commands use it."""

from functools import cached_property
from typing import Any

from cli.failure import EXIT_PROBLEMS, console_for_errors
from cli.load_facts import LoadFacts, load_facts
from cli.org import utc_now
from cli.parts import PAYLOAD_BUCKET, StackParts
from cli.shown import say
from cli.stack import DeployedStack
from lockstep.adapters.alert_topic import SnsAlerts
from lockstep.adapters.aws import aws_errors
from lockstep.adapters.chunk_queue import SqsChunkQueue
from lockstep.adapters.drop_files import SqsDropQueue
from lockstep.adapters.leases import DynamoDbLeases
from lockstep.domain.failures import SyncError
from lockstep.domain.json_text import parse_json
from lockstep.domain.load_keys import missing_key
from lockstep.domain.loads import Load
from lockstep.services.load_desk import LoadDesk
from lockstep.services.tell_waiting import TellWaiting

DROPS_BUCKET, LEASE_TABLE, ALERT_TOPIC = "DropsBucket", "LeaseTable", "AlertTopicArn"
DROP_QUEUE, CHUNK_QUEUE, POLL_QUEUE = "DropQueue", "ChunkQueue", "PollQueue"
_JOB_PAGE = "/lightning/setup/AsyncApiJobStatus/page?address=%2F"


class LoadParts(StackParts):
    """The adapters of one stack that its files go through."""

    def __init__(self, stack: DeployedStack) -> None:
        super().__init__(stack)

    @cached_property
    def s3(self) -> Any:
        """The client of its buckets."""
        return self.stack.client("s3")

    @property
    def drops_bucket(self) -> str:
        """Where files are put."""
        return self.stack.physical_id(DROPS_BUCKET)

    @property
    def payload_bucket(self) -> str:
        """Where a load's own files lie."""
        return self.stack.physical_id(PAYLOAD_BUCKET)

    @cached_property
    def drop_queue(self) -> SqsDropQueue:
        """Where loads go on."""
        return SqsDropQueue(self.stack.physical_id(DROP_QUEUE), self.sqs)

    @cached_property
    def job_url(self) -> str:
        """What stands before a job's Id in the address of its page; empty where the org's address cannot be known."""
        try:
            with aws_errors("reading where the org is"):
                answer = self.stack.client("secretsmanager").get_secret_value(
                    SecretId=f"{self.stack.secret_prefix}salesforce"
                )
        except SyncError:
            return ""  # who may see loads need not be allowed to read credentials
        try:
            content = parse_json(answer["SecretString"])
        except ValueError:
            return ""
        url = content.get("instance_url") if isinstance(content, dict) else None
        return f"{url}{_JOB_PAGE}" if isinstance(url, str) else ""

    @cached_property
    def load_desk(self) -> LoadDesk:
        """What keeps the loads' state."""
        alerts = SnsAlerts(self.stack.output(ALERT_TOPIC), self.stack.name, self.stack.client("sns"))
        leases = DynamoDbLeases(self.stack.physical_id(LEASE_TABLE), self.stack.client("dynamodb"))
        return LoadDesk(
            book=self.book,
            chunk_queue=SqsChunkQueue(self.stack.physical_id(CHUNK_QUEUE), self.sqs),
            poll_queue=SqsChunkQueue(self.stack.physical_id(POLL_QUEUE), self.sqs),
            tell=TellWaiting(alerts, leases, utc_now),
            clock=utc_now,
        )

    def rejects(self, load_id: str) -> list[str]:
        """Return where the rejects files of a load are.

        Raises:
            SyncError: AWS refuses.
        """
        prefix = f"loads/{load_id}/rejects/"
        with aws_errors("listing the rejects of a load"):
            pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.payload_bucket, Prefix=prefix)
            return [f"s3://{self.payload_bucket}/{each['Key']}" for page in pages for each in page.get("Contents", [])]

    def missing_lists(self, load: Load) -> list[str]:
        """Return where the records are listed that a whole file does not name."""
        found = load.comparison
        keys = [missing_key(load.load_id, found.run, number) for number in range(found.lists)] if found else []
        return [f"s3://{self.payload_bucket}/{key}" for key in keys]

    def counted(self, load: Load) -> LoadFacts:
        """Count a load's rows, and look at nothing else.

        Raises:
            SyncError: AWS refuses.
        """
        return load_facts(load, tuple(self.book.chunks(load.load_id)), rejects=(), now=utc_now())

    def facts(self, load: Load) -> LoadFacts:
        """Count a load's rows, and find its jobs' pages and its rejects.

        Raises:
            SyncError: AWS refuses.
        """
        chunks, rejects = tuple(self.book.chunks(load.load_id)), self.rejects(load.load_id)
        missing = self.missing_lists(load)
        job_url = self.job_url if any(chunk.job_id for chunk in chunks) else ""
        return load_facts(load, chunks, rejects=rejects, now=utc_now(), job_url=job_url, missing=missing)

    def load_named(self, load_id: str) -> Load:
        """Return a load.

        Raises:
            Exit: 1 where there is none; that is said.
            SyncError: AWS refuses.
        """
        load = self.book.load(load_id)
        if load is None:
            import typer

            say(console_for_errors(), f"lockstep: {self.stack} has no load {load_id}; `lockstep loads` lists them")
            raise typer.Exit(EXIT_PROBLEMS)
        return load
