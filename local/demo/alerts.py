"""The alerts that people get: a queue subscribed to the stack's topic, as a mailbox would be."""

import json

from local.stack import Stack

_QUEUE = "demo-mailbox"


class Mailbox:
    """Gets every alert from its making on."""

    def __init__(self, stack: Stack) -> None:
        self._sqs = stack.aws("sqs")
        self._url = self._sqs.create_queue(QueueName=_QUEUE)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        arn, topic = attributes["QueueArn"], stack.outputs["AlertTopicArn"]
        allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        stack.aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def subjects(self, wait_s: int) -> list[str]:
        """Return the subjects of what has come, each once; waits for so many whole seconds where nothing has."""
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_s)
        messages = answer.get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"])["Subject"] for message in messages]
