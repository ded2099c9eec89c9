"""A person with `lockstep load`, and the whole bulk lane in this process: bucket, functions and org."""

import gzip
import json
from types import SimpleNamespace

import boto3
from typer.testing import CliRunner

from cli import loads as command
from cli.__main__ import app
from cli.stack import DeployedStack
from functions.bulk_split import handler as split_handler
from tests.chaos.surroundings import queue_url
from tests.fakes.bulk_lane import ROUTE
from tests.fakes.cloud_formation import FakeCloudFormation
from tests.fakes.drops_lane import told

NAME = "acme"
HEADER = "no,version,name,city\n"
PARAMETERS = {"ChangeLogRetentionDays": "90"}


class Desk:
    """A person with the command, and the stack that works meanwhile."""

    def __init__(self, lane, folder, monkeypatch):
        self.lane, self.folder = lane, folder
        self.s3 = boto3.client("s3")
        self.taken = set()
        self.clients = {"cloudformation": self._cloud_formation()}
        monkeypatch.setattr(DeployedStack, "client", self._client)
        monkeypatch.setattr(command, "time", SimpleNamespace(sleep=lambda _s: self.work()))
        (folder / "routes").mkdir()
        (folder / "routes" / "erp_account.yaml").write_text(json.dumps(ROUTE))

    def _cloud_formation(self):
        resources = {
            "DropsBucket": "drops",
            "PayloadBucket": "payloads",
            "LoadTable": "loads",
            "LeaseTable": "leases",
            **{name: queue_url(queue) for name, queue in
               {"DropQueue": "drops", "ChunkQueue": "chunks", "PollQueue": "polls"}.items()},
        }  # fmt: skip
        outputs = {"AlertTopicArn": boto3.client("sns").create_topic(Name="alerts")["TopicArn"]}
        return FakeCloudFormation(NAME, PARAMETERS, resources, outputs)

    def _client(self, service):
        return self.clients.get(service) or boto3.client(service)

    def file(self, *rows, name="accounts.csv", header=HEADER):
        path = self.folder / name
        text = (header + "".join(",".join(map(str, row)) + "\n" for row in rows)).encode()
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return path

    def work(self):
        """Let the splitter and the lane work."""
        self.split()
        self.lane.work()

    def split(self):
        """Tell the splitter what was put, and hand it what it has sent to itself."""
        for each in self.s3.list_object_versions(Bucket="drops").get("Versions", []):
            if each["VersionId"] not in self.taken:
                self.taken.add(each["VersionId"])
                self._split(told(each))
        sqs = boto3.client("sqs")
        for message in sqs.receive_message(QueueUrl=queue_url("drops"), MaxNumberOfMessages=10).get("Messages", []):
            self._split(message["Body"])
            sqs.delete_message(QueueUrl=queue_url("drops"), ReceiptHandle=message["ReceiptHandle"])

    def _split(self, body):
        context = SimpleNamespace(**vars(self.lane._context()) | {"get_remaining_time_in_millis": lambda: 900_000})
        answer = split_handler.lambda_handler({"Records": [{"messageId": "m", "body": body}]}, context)
        assert answer == {"batchItemFailures": []}

    def run(self, *arguments, text=None):
        result = CliRunner().invoke(app, [*map(str, arguments), "--stack", NAME], input=text)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def load(self, file, *arguments):
        return self.json("load", file, "--route", "erp_account", "--config", self.folder, *arguments)

    def json(self, *arguments):
        result = self.run(*arguments, "--json")
        # The functions run in this process, and say what they have counted on the same stdout.
        return result.exit_code, json.loads(result.stdout.splitlines()[-1])

    def only_load(self):
        (load,) = self.lane.book.recent(10)
        return load
