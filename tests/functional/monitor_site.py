"""The monitor function beside the upsert function, with an org in this process."""

import json
from datetime import UTC, datetime, timedelta

from moto.sns.models import sns_backends

from functions.monitor import handler as monitor_handler
from lockstep.domain.changes import Change
from tests.functional.test_upsert_function import customer, customer_payload

SERVICE = ("service", "tests")
MAINTENANCE = {"status": 503, "html": True, "times": None}


class Lanes:
    """Stands for the triggers."""

    are_on = True

    def __init__(self, mapping_ids):
        assert mapping_ids == ["mapping-1"]

    def switch(self, *, on):
        Lanes.are_on = on


class Site:
    """Both functions, the org, and a clock that only the test moves."""

    def __init__(self, stack):
        self.stack = stack
        self.org = stack.org
        self.now = datetime.now(UTC)

    def clock(self):
        return self.now

    def write(self, *numbers):
        """Deliver a customer for each number; return the changes."""
        changes = [customer(str(number), payload=customer_payload()) for number in numbers]
        assert self.stack.invoke(*changes) == []
        return changes

    def look(self, minutes=1):
        """Run the monitor every minute, for so long."""
        for _ in range(minutes):
            self.now += timedelta(minutes=1)
            answer = monitor_handler.lambda_handler({}, self.stack.context())
        return answer

    @property
    def alerts(self):
        sent = sns_backends["123456789012"]["us-east-1"].topics
        (topic,) = (each for each in sent.values() if each.name == "alerts")
        return [text for _id, text, *_ in topic.sent_notifications]

    @property
    def subjects(self):
        sent = sns_backends["123456789012"]["us-east-1"].topics
        (topic,) = (each for each in sent.values() if each.name == "alerts")
        return [subject for _id, _text, subject, *_ in topic.sent_notifications]

    @property
    def queued(self):
        """Return the changes that wait on the queue."""
        from moto.sqs.models import sqs_backends

        messages = sqs_backends["123456789012"]["us-east-1"].queues["inbound"]._messages
        return [Change.model_validate_json(each.body) for each in messages]


def metrics_of(capsys):
    """Return what was counted: (name, dimensions) to values."""
    counted = {}
    for line in capsys.readouterr().out.splitlines():
        if not line.startswith("{") or "CloudWatchMetrics" not in line:
            continue
        blob = json.loads(line)
        for group in blob["_aws"]["CloudWatchMetrics"]:
            dimensions = {name: blob[name] for each in group["Dimensions"] for name in each}
            for metric in group["Metrics"]:
                counted[metric["Name"], tuple(sorted(dimensions.items()))] = blob[metric["Name"]]
    return counted
