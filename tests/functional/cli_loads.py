"""A person with `lockstep load`, and the whole bulk lane in this process: bucket, functions and org."""

import gzip
import json
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import quote_plus

import boto3
from typer.testing import CliRunner

from cli import loads as command
from cli.__main__ import app
from cli.stack import DeployedStack
from functions.bulk_split import handler as split_handler
from tests.chaos.surroundings import queue_url
from tests.fakes.bulk_lane import ROUTE
from tests.fakes.cloud_formation import FakeCloudFormation

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


def put_event(key, content):
    """Put an object into the drops bucket, and return what S3 says of it."""
    boto3.client("s3").put_object(Bucket="drops", Key=key, Body=content)
    (version,) = boto3.client("s3").list_object_versions(Bucket="drops", Prefix=key)["Versions"]
    return told(version)


def told(version):
    told = {"key": quote_plus(version["Key"], safe="/"), "size": version["Size"], "eTag": version["ETag"].strip('"')}
    s3 = {"bucket": {"name": "drops"}, "object": {**told, "versionId": version["VersionId"]}}
    return json.dumps({"Records": [{"eventTime": "2026-11-26T12:00:00Z", "eventName": "ObjectCreated:Put", "s3": s3}]})


@contextmanager
def drops_lane(monkeypatch, chunk_rows=2):
    """Make the bucket and the queues that files are dropped into, inside a bulk lane's AWS."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="drops")
    s3.put_bucket_versioning(Bucket="drops", VersioningConfiguration={"Status": "Enabled"})
    for queue in ("drops", "drops-dead"):
        boto3.client("sqs").create_queue(QueueName=queue)
    settings = {
        "DROP_QUEUE_URL": queue_url("drops"),
        "DROP_DEAD_LETTER_QUEUE_URL": queue_url("drops-dead"),
        "CHUNK_ROWS": str(chunk_rows),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    split_handler.take_drops.cache_clear()
    yield
    split_handler.take_drops.cache_clear()
