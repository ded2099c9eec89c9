"""The upsert function with an AWS and an org in this process."""

from types import SimpleNamespace

from functions.upsert import handler
from lockstep.adapters.change_log import DynamoDbChangeLog
from lockstep.adapters.error_log import DynamoDbErrorLog
from lockstep.domain.messages import message_body


class Stack:
    """The function's AWS and its org."""

    def __init__(self, org):
        self.org = org
        self.log = DynamoDbChangeLog("change-log", 15, 90)
        self.errors = DynamoDbErrorLog("error-log", 90)
        self.remaining_ms = 60_000

    def invoke(self, *bodies):
        """Deliver the bodies as Lambda's trigger would, and return the messages that must come again."""
        records = [
            {"messageId": f"m{n}", "body": body if isinstance(body, str) else message_body(body), "attributes": {}}
            for n, body in enumerate(bodies)
        ]
        answer = handler.lambda_handler({"Records": records}, self.context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def context(self):
        return SimpleNamespace(
            function_name="upsert",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:upsert",
            aws_request_id="request-1",
            get_remaining_time_in_millis=lambda: self.remaining_ms,
        )

    def entry(self, one):
        """Return what the error log has of a change."""
        return next(iter(self.errors.get([one.correlation_id])), None)

    def state(self, one):
        return self.log.states([one.correlation_id]).get(one.correlation_id)

    def calls(self):
        """Return the calls for records; describes are asked for once in a while."""
        return [call for call in self.org.calls() if "/services/data/" in call.path and "/describe" not in call.path]
