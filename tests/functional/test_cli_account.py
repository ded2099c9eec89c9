"""`lockstep account`: the books balance, and where they do not the gap is found."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lockstep.adapters import change_log_reader
from lockstep.domain.changes import Outcome, State
from lockstep.domain.circuit import Reason, Trouble, opened
from lockstep.domain.error_log import EntryStatus, Resolution, unreadable_entry
from lockstep.domain.messages import message_body
from lockstep.services.breaker import advance
from tests.functional.cli_operator import LONG_AGO, Operator, customer, payload, unmappable
from tests.functional.conftest import queue_url
from tests.functional.test_account_function import hand_over
from tests.functional.test_error_log import failure

HOUR = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def operator(stack, monkeypatch):
    return Operator(stack, monkeypatch)


def account(operator, *options):
    return operator.json("account", *options)


def gaps(answer):
    return {each["gap"]: each["correlation_ids"] for each in answer["gaps"]}


def queued(*changes):
    for one in changes:
        boto3.client("sqs").send_message(QueueUrl=queue_url("inbound"), MessageBody=message_body(one))


def test_a_late_change_that_an_ingest_job_has_is_no_gap_and_said_to_wait_for_it(operator):
    handed = customer("1", received_at=LONG_AGO)
    operator.take_in(handed)
    assert account(operator)[0] == 1
    hand_over([handed])

    code, answer = account(operator)

    assert (code, answer["late"]["count"], answer["late"]["by_jobs"]) == (0, 1, 1)
    assert "1 of them for an ingest job" in operator.run("account").stdout.replace("\n", " ")


def test_every_end_of_a_change_is_counted_where_it_belongs(operator, org):
    org.plan_faults({"match": {"external_id": "4"}, "row": True, "error_code": "SOMETHING_NEW", "message": "m"})
    operator.sync(customer("1", 2, payload=payload()))
    operator.sync(customer("1", 1, payload=payload()))  # superseded
    operator.sync(customer("1", 2, payload=payload(), event_id="again"))  # duplicate
    operator.sync(unmappable("3"), customer("4", payload=payload()), unmappable("5"))
    operator.run("errors", "abandon", unmappable("5").correlation_id, "--reason", "why", "--yes")
    waiting = customer("6", received_at=HOUR + timedelta(hours=1))
    operator.take_in(waiting)
    queued(waiting)

    code, answer = account(operator)

    assert code == 0, answer
    assert answer["verdict"] == "balanced"
    assert answer["totals"] == {
        "accepted": 7,
        "applied": 1,
        "superseded": 1,
        "duplicate": 1,
        "waiting": 2,
        "pending": 1,
        "abandoned": 1,
    }
    assert [(row["source"], datetime.fromisoformat(row["hour"]), row["accepted"]) for row in answer["hours"]] == [
        ("shopify", HOUR, 6),
        ("shopify", HOUR + timedelta(hours=1), 1),
    ]


def test_people_see_the_equation(operator):
    operator.sync(customer("1", payload=payload()), unmappable("2"))

    output = operator.run("account").output

    assert "2 accepted = 1 applied + 0 superseded + 0 duplicate + 0 waiting + 1 pending + 0 abandoned" in output
    assert "The books are balanced." in output
    assert "earlier" in output


def test_change_that_is_still_being_taken_in_is_not_accepted(operator):
    operator.stack.log.claim([customer("1")], LONG_AGO)

    code, answer = account(operator)

    assert (code, answer["arriving"], answer["totals"]["accepted"]) == (0, 1, 0)


def test_change_that_waits_and_is_in_no_queue_is_a_gap(operator):
    lost, waits = customer("1"), customer("2")
    operator.take_in(lost, waits, at=LONG_AGO)
    queued(waits)

    code, answer = account(operator)

    assert code == 1
    assert answer["verdict"] == "gap"
    assert [each["count"] for each in answer["gaps"]] == [1]
    assert set(gaps(answer)["NOT_QUEUED"]) == {lost.correlation_id, waits.correlation_id}
    assert "NOT balanced" in operator.run("account").output


def test_change_in_the_dead_letter_queue_is_not_lost(operator):
    one = customer("1")
    operator.take_in(one, at=LONG_AGO)
    boto3.client("sqs").send_message(QueueUrl=queue_url("dead-letters"), MessageBody=message_body(one))

    code, answer = account(operator)

    assert (code, answer["late"]["count"]) == (0, 1)
    assert answer["late"]["oldest"][0]["correlation_id"] == one.correlation_id


def test_change_that_is_young_is_not_missed_yet(operator):
    operator.take_in(customer("1", received_at=datetime.now(UTC)))

    assert account(operator)[0] == 0
    assert account(operator, "--older-than", "0s")[0] == 1


def test_failure_whose_entry_is_gone_is_a_gap(operator):
    one = unmappable("1")
    _failed_long_ago(operator, one)
    assert account(operator)[0] == 0
    boto3.client("dynamodb").delete_item(TableName="error-log", Key={"correlation_id": {"S": one.correlation_id}})

    code, answer = account(operator)

    assert (code, gaps(answer)) == (1, {"ENTRY_MISSING": [one.correlation_id]})


def test_failure_that_was_resolved_and_not_booked_is_a_gap_after_a_while(operator):
    old, young = unmappable("1"), unmappable("2")
    _failed_long_ago(operator, old)
    operator.sync(young)
    operator.stack.errors.resolve([Resolution(one.correlation_id, State.APPLIED) for one in (old, young)], LONG_AGO)

    code, answer = account(operator)

    assert (code, gaps(answer)) == (1, {"ENTRY_MISSING": [old.correlation_id]})


def test_entry_that_is_open_though_its_change_is_settled_is_a_gap(operator):
    one = unmappable("1")
    _failed_long_ago(operator, one)
    operator.stack.log.record([Outcome(one, State.APPLIED)], LONG_AGO)

    code, answer = account(operator)

    assert (code, gaps(answer)) == (1, {"ENTRY_LEFT_OPEN": [one.correlation_id]})


def test_entry_that_the_change_log_does_not_know_is_a_gap_unless_it_is_older_than_that(operator):
    lost, forgotten = customer("1"), customer("2")
    log = operator.stack.errors
    log.log([failure(lost, EntryStatus.PENDING, at=LONG_AGO)])
    log.log([failure(forgotten, EntryStatus.PENDING, at=LONG_AGO - timedelta(days=91))])

    code, answer = account(operator)

    assert (code, gaps(answer)) == (1, {"NOT_BOOKED": [lost.correlation_id]})
    assert answer["older_than_the_change_log"] == 1


def test_state_of_another_version_is_a_gap(operator):
    one = customer("1")
    operator.sync(one)
    boto3.client("dynamodb").update_item(
        TableName="change-log",
        Key={"correlation_id": {"S": one.correlation_id}},
        UpdateExpression="SET #state = :state",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":state": {"S": "FromTheFuture"}},
    )

    code, answer = account(operator)

    assert (code, gaps(answer)) == (1, {"STATE_UNKNOWN": [one.correlation_id]})


def test_writer_that_died_between_error_log_and_change_log_loses_nothing(operator):
    one = customer("1")
    operator.take_in(one, at=LONG_AGO)
    operator.stack.errors.log([failure(one, at=LONG_AGO)])

    code, answer = account(operator)

    assert (code, answer["gaps"]) == (0, [])
    assert [each["correlation_id"] for each in answer["overdue"]] == [one.correlation_id]


def test_nothing_is_overdue_while_the_circuit_is_open(operator):
    operator.stack.errors.log([failure(customer("1"), at=LONG_AGO)])
    advance(operator.circuits, lambda circuit: opened(circuit, Trouble(Reason.ORG_UNAVAILABLE, "down"), LONG_AGO))

    _, answer = account(operator)

    assert (answer["overdue"], answer["circuit_is_closed"]) == ([], False)


def test_messages_that_were_no_change_stand_beside_the_books(operator):
    operator.stack.errors.log([unreadable_entry("x", "no change", LONG_AGO)])

    code, answer = account(operator)

    assert (code, answer["unreadable_messages"]) == (0, 1)


def test_change_that_came_back_after_it_was_forgotten_is_counted(operator):
    operator.stack.invoke(customer("1", payload=payload()))

    _, answer = account(operator)

    assert [(row["source"], row["applied"]) for row in answer["hours"]] == [("(unknown)", 1)]


def test_every_page_of_every_segment_is_counted_once(operator, monkeypatch):
    monkeypatch.setattr(change_log_reader, "ITEMS_PER_PAGE", 7)
    changes = [customer(str(number)) for number in range(120)]
    operator.stack.log.claim(changes, LONG_AGO)
    operator.stack.log.record([Outcome(one, State.APPLIED) for one in changes], LONG_AGO)

    assert account(operator)[1]["totals"]["applied"] == 120


def test_no_more_than_what_is_counted_is_read(operator, monkeypatch):
    operator.sync(customer("1", payload=payload()))
    asked = []
    client = boto3.client("dynamodb")
    scan = client.scan
    monkeypatch.setattr(client, "scan", lambda **ask: asked.append(ask) or scan(**ask))
    operator.clients["dynamodb"] = client

    account(operator)

    assert {name for ask in asked for name in ask["ExpressionAttributeNames"].values()} == set(
        change_log_reader._BOOKED
    )


def _failed_long_ago(operator, one):
    operator.take_in(one, at=LONG_AGO)
    operator.stack.errors.log([failure(one, EntryStatus.PENDING, at=LONG_AGO)])
    operator.stack.log.record([Outcome(one, State.PENDING)], LONG_AGO)


def test_answer_is_one_line_of_json(operator):
    assert json.loads(operator.run("account", "--json").stdout)["stack"] == "acme"


class Pages:
    """DynamoDB's client as far as a scan goes: makes a page when it is asked for, and counts what nobody has read."""

    def __init__(self, pages_of_segment):
        self.pages_of_segment = pages_of_segment
        self.unread = self.most_unread = 0

    def scan(self, **asked):
        at = asked.get("ExclusiveStartKey", 0)
        self.unread += 1
        self.most_unread = max(self.most_unread, self.unread)
        last = {} if at + 1 == self.pages_of_segment else {"LastEvaluatedKey": at + 1}
        return {"Items": self._items(asked["Segment"], at), **last}

    def _items(self, segment, page):
        for number in range(100):
            yield {
                "correlation_id": {"S": f"{segment}-{page}-{number}"},
                "source": {"S": "shopify"},
                "state": {"S": "Applied"},
                "received_at": {"S": HOUR.isoformat()},
                "expires_at": {"N": "0"},
            }
        self.unread -= 1


def test_hundred_thousand_changes_are_read_with_a_few_pages_in_memory():
    pages = Pages(250)
    reader = change_log_reader.ChangeLogReader("change-log", timedelta(days=90), pages)

    assert sum(1 for _ in reader.booked()) == 4 * 250 * 100
    assert pages.most_unread <= 2 * change_log_reader.SEGMENTS
