"""Alerts to people by SNS."""

from typing import Any

from lockstep.adapters import clients
from lockstep.adapters.aws import aws_errors

# SNS, Publish: a subject is at most 100 characters of ASCII without line breaks, a message at most 256 KB.
MAX_SUBJECT_CHARS = 100
MAX_TEXT_CHARS = 60_000


class SnsAlerts:
    """Implements `ports.Alerts`; several stacks may share a mailbox, so each alert names its own.

    Args:
        topic_arn: The topic.
        stack_name: What people call the stack.
    """

    def __init__(self, topic_arn: str, stack_name: str, client: Any = None) -> None:
        self._client = client or clients.sns()
        self._topic_arn = topic_arn
        self._stack_name = stack_name

    def tell(self, subject: str, text: str) -> None:
        """Publish; a subject that SNS would refuse is made to fit."""
        full_subject = f"[{self._stack_name}] {subject}"
        ascii_subject = " ".join(full_subject.encode("ascii", "replace").decode().split())
        full_text = f"{text[:MAX_TEXT_CHARS]}\n\n(stack {self._stack_name})"
        with aws_errors("sending an alert"):
            self._client.publish(TopicArn=self._topic_arn, Subject=ascii_subject[:MAX_SUBJECT_CHARS], Message=full_text)
