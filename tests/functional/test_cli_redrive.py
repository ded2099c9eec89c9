"""`lockstep redrive`: what came through the dead-letter queue goes back, slowly, once, and after a question."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest

from cli import redrive
from cli.redrive import Pace
from lockstep.domain.changes import Change, State
from lockstep.domain.circuit import Reason, Trouble, opened
from lockstep.domain.error_log import EntryStatus
from lockstep.domain.messages import message_body
from lockstep.services.breaker import advance
from tests.functional.cli_operator import LONG_AGO, Operator, customer, payload, unmappable
from tests.functional.conftest import messages, queue_url
from tests.functional.test_dead_letter_function import take  # noqa: F401 - a fixture


@pytest.fixture
def operator(stack, monkeypatch):
    monkeypatch.setattr(redrive.time, "sleep", lambda _s: None)
    return Operator(stack, monkeypatch)


@pytest.fixture
def crashed(operator, take):  # noqa: F811
    """Return what lets changes come through the dead-letter queue."""

    def crashed(*changes):
        operator.take_in(*changes)
        assert take(*map(message_body, changes)) == []

    return crashed


def in_dead_letter_queue(*bodies):
    for body in bodies:
        boto3.client("sqs").send_message(QueueUrl=queue_url("dead-letters"), MessageBody=body)


def sent():
    return [Change.model_validate_json(each["Body"]) for each in messages("inbound")]


def test_what_crashed_is_sent_and_applied(operator, crashed, org):
    one, two = (customer(name, payload=payload(), tries=3) for name in "12")
    crashed(one, two)

    code, answer = operator.json("redrive", "--yes")

    assert (code, answer) == (
        0,
        {"entries": 2, "dead_letters": 0, "sent": 2, "unreadable": 0, "refused": 0, "is_dry_run": False},
    )
    back = sent()
    assert {(each.external_id, each.tries, each.is_logged) for each in back} == {("1", 0, True), ("2", 0, True)}
    operator.stack.invoke(*back)
    assert len(org.records("Account")) == 2
    assert operator.entry(one).status is EntryStatus.RESOLVED


def test_second_redrive_sends_nothing_twice(operator, crashed):
    crashed(customer("1", payload=payload()))
    operator.run("redrive", "--yes")

    assert operator.json("redrive", "--yes")[1]["entries"] == 0
    assert len(sent()) == 1
    assert list(operator.stack.errors.due(datetime.now(UTC))) == []


def test_older_version_is_superseded_as_always(operator, crashed, org):
    old = customer("1", 1, payload=payload("old"))
    crashed(old)
    operator.sync(customer("1", 2, payload=payload("new")))
    in_dead_letter_queue(message_body(old))

    operator.run("redrive", "--yes")
    operator.stack.invoke(*sent())

    assert org.records("Account")[0]["Name"] == "new Ltd"
    assert operator.stack.state(old) is State.SUPERSEDED


def test_dry_run_counts_and_sends_nothing(operator, crashed):
    crashed(customer("1", payload=payload()))
    in_dead_letter_queue(message_body(customer("2")))

    code, answer = operator.json("redrive", "--dry-run")

    assert (code, answer["entries"], answer["dead_letters"], answer["sent"]) == (0, 1, 1, 0)
    assert sent() == []
    assert len(messages("dead-letters")) == 1


def test_it_asks_first(operator, crashed):
    crashed(customer("1", payload=payload()))

    result = operator.run("redrive", text="n\n")

    assert (result.exit_code, "Send 1 change again?" in result.output, sent()) == (2, True, [])


def test_other_failures_are_left_alone(operator):
    operator.sync(unmappable("1"))

    assert operator.json("redrive", "--yes")[1]["entries"] == 0


def test_what_still_lies_in_the_queue_is_moved_and_what_is_no_change_stays(operator):
    in_dead_letter_queue(message_body(customer("1", tries=5, deferrals=9)), "no change")

    code, answer = operator.json("redrive", "--yes")

    assert (code, answer["sent"], answer["unreadable"]) == (1, 1, 1)
    assert [(each.external_id, each.tries, each.deferrals) for each in sent()] == [("1", 0, 0)]
    attributes = boto3.client("sqs").get_queue_attributes(
        QueueUrl=queue_url("dead-letters"), AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_nothing_is_sent_while_the_circuit_is_open(operator, crashed):
    crashed(customer("1", payload=payload()))
    advance(operator.circuits, lambda circuit: opened(circuit, Trouble(Reason.ORG_UNAVAILABLE, "down"), LONG_AGO))

    result = operator.run("redrive", "--yes")

    assert (result.exit_code, sent()) == (2, [])
    assert "circuit is open" in result.output


@pytest.mark.parametrize("per_second", [1, 50, 1000])
def test_pace_lets_no_more_through_than_it_says(per_second):
    clock = [datetime(2026, 5, 6, tzinfo=UTC)]
    waited = []

    def wait(seconds):
        waited.append(seconds)
        clock[0] += timedelta(seconds=seconds)

    pace = Pace(per_second, lambda: clock[0], wait)
    for _ in range(11):
        pace.take(10)

    assert sum(waited) == pytest.approx(100 / per_second)


def test_pace_saves_nothing_up():
    clock = [datetime(2026, 5, 6, tzinfo=UTC)]
    waited = []
    pace = Pace(10, lambda: clock[0], waited.append)
    clock[0] += timedelta(hours=1)

    pace.take(10)
    pace.take(10)

    assert waited == [1.0]
