"""Alerts to people by SNS."""

from typing import Any

import boto3

from lockstep.adapters.aws import CLIENT_CONFIG, aws_errors

# SNS, Publish: a subject is at most 100 characters of ASCII without line breaks, a message at most 256 KB.
MAX_SUBJECT_CHARS = 100
MAX_TEXT_CHARS = 60_000


class SnsAlerts:
    """Implements `ports.Alerts`."""

    def __init__(self, topic_arn: str, client: Any = None) -> None:
        self._client = client or boto3.client("sns", config=CLIENT_CONFIG)
        self._topic_arn = topic_arn

    def tell(self, subject: str, text: str) -> None:
        """Publish; a subject that SNS would refuse is made to fit."""
        ascii_subject = " ".join(subject.encode("ascii", "replace").decode().split())
        with aws_errors("sending an alert"):
            self._client.publish(
                TopicArn=self._topic_arn, Subject=ascii_subject[:MAX_SUBJECT_CHARS], Message=text[:MAX_TEXT_CHARS]
            )
