"""The local stack as an operator and its alerts' readers see it, for tests in which the org goes away."""

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from local.stack import Stack
from local.stack.deploy import STACK_NAME
from local.stack.environment import ACCESS_KEY, REGION, SECRET_KEY, clean_environment
from lockstep.adapters.change_log import DynamoDbChangeLog
from lockstep.adapters.inbound_queue import SqsQueue
from lockstep.domain.changes import Change
from tests.fakes.changes import change

ROOT = Path(__file__).parents[2]
MINUTES_2 = 120.0
MOST_KEYS = 100  # of a BatchGetItem
COMMAND_ENDS_WITHIN_S = 90


class Outage:
    """A running stack whose org is about to go away."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._alerts = self._listen()
        self._told: list[tuple[str, str]] = []
        self._numbers = iter(range(1, 10**9))
        self._secrets: set[str] = {*stack.secrets.values(), stack.org.client_secret, stack.org.refresh_token}

    # What happens.

    def take_in(self, count: int) -> list[Change]:
        """Take changes of new customers in as the webhook function does: in the log, and on the queue."""
        now = datetime.now(UTC)
        made = [self._customer(next(self._numbers), now) for _ in range(count)]
        log = DynamoDbChangeLog(self.stack.outputs["ChangeLogTableName"], 60, 90, self.stack.aws("dynamodb"))
        log.claim(made, now)
        assert all(SqsQueue(self.stack.outputs["InboundQueueUrl"], self.stack.aws("sqs")).send(made))
        log.mark_queued(made, now)
        return made

    @contextlib.contextmanager
    def under_way(self, count: int) -> Iterator[list[Change]]:
        """Take changes in beside what the block does; it gets their list, which fills."""
        made: list[Change] = []

        def go() -> None:
            for _ in range(count // 200):
                made.extend(self.take_in(200))

        thread = threading.Thread(target=go)
        thread.start()
        try:
            yield made
        finally:
            thread.join()

    def org(self, method: str, path: str, body: Any = None) -> Any:
        """Do something to the org through its control prefix."""
        answer = requests.request(method, f"{self.stack.org_url}/_org/{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def sign_in(self) -> str:
        """Let an operator run `lockstep auth login --no-browser`, approve in a browser, and paste what it shows."""
        command = [sys.executable, "-m", "cli", "auth", "login", "--no-browser", "--yes"]
        with self._lockstep(command) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            shown = ""
            while not (found := re.search(r"https://\S+/services/oauth2/authorize\?\S+", shown)):
                line = process.stdout.readline()
                assert line, shown
                shown += line
            process.stdin.write(self._approved(found.group()) + "\n")
            process.stdin.close()
            shown += process.stdout.read()
            assert process.wait(COMMAND_ENDS_WITHIN_S) == 0, shown
        self.secrets()
        return shown

    def lockstep(self, *arguments: str) -> tuple[int, str]:
        """Run a command; return its exit code and what it prints."""
        with self._lockstep([sys.executable, "-m", "cli", *arguments]) as process:
            shown, _ = process.communicate(timeout=COMMAND_ENDS_WITHIN_S)
        return process.returncode, shown

    @contextlib.contextmanager
    def _lockstep(self, command: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
        paths = {"PYTHONPATH": f"{ROOT / 'layers/lockstep'}:{ROOT / 'layers/config'}"}
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_DEFAULT_REGION": REGION}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        options = ["--state-folder", str(self.stack.folders.top)]
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, env=clean_environment() | keys | paths, text=True, **pipes
        )
        try:
            with process:
                yield process
        finally:
            process.kill()

    def _approved(self, url: str) -> str:
        """Be the browser of somebody who allows the access: return where it is sent to."""
        asked = urlsplit(url)
        page = self.stack.http().get(url, timeout=30)
        assert 'value="approve"' in page.text
        form = {**dict(parse_qsl(asked.query)), "decision": "approve"}
        endpoint = asked._replace(query="").geturl()
        answer = self.stack.http().post(endpoint, data=form, timeout=30, allow_redirects=False)
        return answer.headers["Location"]

    # What is there.

    def lanes(self) -> set[str]:
        """Return the states of the lanes' event source mappings."""
        name = self.stack.outputs["UpsertFunctionName"]
        found = self.stack.aws("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        return {each["State"] for each in found}

    def log(self) -> dict[str, Mapping[str, Any]]:
        """Return the change log, by correlation ID."""
        return {item["correlation_id"]["S"]: item for item in self.items(self.stack.outputs["ChangeLogTableName"])}

    def items(self, table: str) -> list[dict[str, Any]]:
        pages = self.stack.aws("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def states(self, changes: Sequence[Change]) -> Counter[str]:
        """Count the changes by their states; asks for no more than that, since to read the whole log takes seconds."""
        names = [each.correlation_id for each in changes]
        batches = [names[first : first + MOST_KEYS] for first in range(0, len(names), MOST_KEYS)]
        return sum((self._states_of(batch) for batch in batches), Counter())

    def _states_of(self, names: Sequence[str]) -> Counter[str]:
        table = self.stack.outputs["ChangeLogTableName"]
        asked = {
            "Keys": [{"correlation_id": {"S": name}} for name in names],
            "ProjectionExpression": "#state",
            "ExpressionAttributeNames": {"#state": "state"},
            "ConsistentRead": True,
        }
        answer = self.stack.aws("dynamodb").batch_get_item(RequestItems={table: asked})
        assert not answer.get("UnprocessedKeys")
        found = answer["Responses"][table]
        assert len(found) == len(names)
        return Counter(item["state"]["S"] for item in found)

    def alerts(self) -> list[tuple[str, str]]:
        """Return the alerts that have come since the last look, as subject and text."""
        sqs, url = self.stack.aws("sqs"), self._alerts
        told = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                body = json.loads(message["Body"])
                told.append((body["Subject"], body["Message"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        self._told += told
        return told

    def secrets(self) -> set[str]:
        """Return every secret that has been good at a moment at which this was asked."""
        answer = self.stack.aws("secretsmanager").get_secret_value(SecretId=f"{STACK_NAME}/salesforce")
        content = json.loads(answer["SecretString"])
        self._secrets |= {
            content[key] for key in ("client_secret", "refresh_token", "access_token") if content.get(key)
        }
        return self._secrets

    def everything_written(self) -> dict[str, str]:
        """Return what the functions have logged, stored and told, by where it stands."""
        self.stack.save_function_logs()
        places = {f"log {name}": log.read_text() for name, log in self.stack.logs().items() if "function" in name}
        for table in self.stack.aws("dynamodb").list_tables()["TableNames"]:
            places[f"table {table}"] = json.dumps(self.items(table), default=repr)
        s3 = self.stack.aws("s3")
        for bucket in s3.list_buckets()["Buckets"]:
            for listed in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
                body = s3.get_object(Bucket=bucket["Name"], Key=listed["Key"])["Body"].read()
                places[f"{bucket['Name']}/{listed['Key']}"] = body.decode("latin-1")
        return {**places, "alerts": json.dumps(self._told)}

    def wait_until(self, what: Any, within_s: float = MINUTES_2, every_s: float = 0.5) -> None:
        """Wait for something that comes by itself."""
        waiting = Retrying(
            stop=stop_after_delay(within_s), wait=wait_fixed(every_s), retry=retry_if_result(lambda found: not found)
        )
        waiting(what)

    def wait_until_applied(self, changes: Sequence[Change]) -> None:
        """Wait for the end of all; they are looked at when the queue is empty, so that the looks slow nothing down."""
        self.wait_until(lambda: self._queued() == 0 and self.states(changes) == {"Applied": len(changes)})

    def _queued(self) -> int:
        url, kinds = self.stack.outputs["InboundQueueUrl"], ["", "NotVisible", "Delayed"]
        names: list[Any] = [f"ApproximateNumberOfMessages{kind}" for kind in kinds]
        found = self.stack.aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def _customer(self, number: int, now: datetime) -> Change:
        id_ = 9007199254740993000 + number
        payload = json.dumps({"id": id_, "first_name": f"Customer {number}"})
        make = partial(change, source="shopify", entity="customer", payload=payload)
        return make(str(id_), int(now.timestamp() * 1000), received_at=now)

    def _listen(self) -> str:
        """Subscribe a queue to the alerts: what a mailbox would be."""
        sqs, topic = self.stack.aws("sqs"), self.stack.outputs["AlertTopicArn"]
        url: str = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.stack.aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return url
