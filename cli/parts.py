"""What a stack consists of, as the commands read and change it; a part is made when somebody asks for it."""

import getpass
from datetime import timedelta
from functools import cached_property
from typing import Any

from cli.stack import DeployedStack
from lockstep.adapters.aws import aws_errors
from lockstep.adapters.change_log import DynamoDbChangeLog
from lockstep.adapters.change_log_reader import ChangeLogReader
from lockstep.adapters.circuit_store import DynamoDbCircuits, DynamoDbUsages
from lockstep.adapters.error_log import DynamoDbErrorLog
from lockstep.adapters.error_log_desk import DynamoDbErrorDesk
from lockstep.adapters.guard_reader import GuardReader
from lockstep.adapters.inbound_queue import SqsQueue
from lockstep.adapters.lane_metrics import LaneMetrics
from lockstep.adapters.load_files import S3LoadFiles
from lockstep.adapters.load_table import DynamoDbLoadBook
from lockstep.adapters.payload_store import S3PayloadStore
from lockstep.adapters.queue_depth import SqsDepth
from lockstep.domain.failures import SyncError
from lockstep.services.open_backlogs import OpenBacklogs

CHANGE_LOG_TABLE, ERROR_LOG_TABLE, VERSION_GUARD_TABLE = "ChangeLogTable", "ErrorLogTable", "VersionGuardTable"
CONNECTION_TABLE, LOAD_TABLE, PAYLOAD_BUCKET = "ConnectionTable", "LoadTable", "PayloadBucket"
INBOUND_QUEUE, DEAD_LETTER_QUEUE = "InboundQueue", "InboundDeadLetterQueue"
RETENTION_DAYS, RESERVE_PERCENT = "ChangeLogRetentionDays", "ApiReservePercent"
_CLAIM_LEASE_S = 15  # never used: the commands claim nothing


class StackParts:
    """The adapters of one stack.

    Args:
        stack: Which.
    """

    def __init__(self, stack: DeployedStack) -> None:
        self.stack = stack

    @cached_property
    def _dynamodb(self) -> Any:
        return self.stack.client("dynamodb")

    @cached_property
    def sqs(self) -> Any:
        """The client of its queues."""
        return self.stack.client("sqs")

    @property
    def memory(self) -> timedelta:
        """How long the change log keeps a change after its last step."""
        return timedelta(days=int(self.stack.parameter(RETENTION_DAYS)))

    @cached_property
    def change_log(self) -> DynamoDbChangeLog:
        """Where steps are written."""
        table = self.stack.physical_id(CHANGE_LOG_TABLE)
        return DynamoDbChangeLog(table, _CLAIM_LEASE_S, self.memory.days, self._dynamodb)

    @cached_property
    def changes(self) -> ChangeLogReader:
        """Where steps are read."""
        return ChangeLogReader(self.stack.physical_id(CHANGE_LOG_TABLE), self.memory, self._dynamodb)

    @cached_property
    def error_log(self) -> DynamoDbErrorLog:
        """The error log, as the functions use it."""
        return DynamoDbErrorLog(self.stack.physical_id(ERROR_LOG_TABLE), self.memory.days, self._dynamodb)

    @cached_property
    def desk(self) -> DynamoDbErrorDesk:
        """The error log, as people use it."""
        return DynamoDbErrorDesk(self.stack.physical_id(ERROR_LOG_TABLE), self._dynamodb)

    @cached_property
    def guard(self) -> GuardReader:
        """The version guard."""
        return GuardReader(self.stack.physical_id(VERSION_GUARD_TABLE), self._dynamodb)

    @cached_property
    def circuits(self) -> DynamoDbCircuits:
        """The circuit."""
        return DynamoDbCircuits(self.stack.physical_id(CONNECTION_TABLE), self._dynamodb)

    @cached_property
    def usages(self) -> DynamoDbUsages:
        """The org's API usage."""
        return DynamoDbUsages(self.stack.physical_id(CONNECTION_TABLE), self._dynamodb)

    @cached_property
    def payloads(self) -> S3PayloadStore:
        """Large payloads."""
        return S3PayloadStore(self.stack.physical_id(PAYLOAD_BUCKET), self.stack.client("s3"))

    @cached_property
    def book(self) -> DynamoDbLoadBook:
        """The loads and their chunks."""
        return DynamoDbLoadBook(self.stack.physical_id(LOAD_TABLE), self._dynamodb)

    @cached_property
    def backlogs(self) -> OpenBacklogs:
        """What the bulk lane has of changes."""
        files = S3LoadFiles(self.stack.physical_id(PAYLOAD_BUCKET), self.stack.client("s3"))
        return OpenBacklogs(self.book, files)

    @cached_property
    def lane_metrics(self) -> LaneMetrics:
        """What the functions and the queues have counted."""
        return LaneMetrics(self.stack.client("cloudwatch"), self.stack.name)

    @property
    def inbound_url(self) -> str:
        """The queue of changes."""
        return self.stack.physical_id(INBOUND_QUEUE)

    @property
    def dead_letter_url(self) -> str:
        """The queue of what no function could handle."""
        return self.stack.physical_id(DEAD_LETTER_QUEUE)

    @cached_property
    def inbound(self) -> SqsQueue:
        """Where changes are sent."""
        return SqsQueue(self.inbound_url, self.sqs)

    @cached_property
    def depths(self) -> SqsDepth:
        """How much lies in the queue of changes, and in that of dead letters."""
        return SqsDepth([self.inbound_url, self.dead_letter_url], self.sqs)

    def person(self) -> str:
        """Name who works with the command: as AWS knows them, or on this machine as the machine does."""
        if self.stack.local is None:
            try:
                with aws_errors("asking who you are"):
                    return str(self.stack.client("sts").get_caller_identity()["Arn"])
            except SyncError:
                pass  # everybody may ask AWS who they are; where a proxy forbids it, the machine's name has to do
        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):
            return "somebody without a name"
