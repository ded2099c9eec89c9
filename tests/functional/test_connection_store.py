"""The circuit and the API usage in DynamoDB; the lanes' triggers."""

from datetime import timedelta

import boto3
import pytest
from botocore.stub import Stubber

from lockstep.adapters.circuit_store import DynamoDbCircuits, DynamoDbUsages
from lockstep.adapters.lanes import EventSourceMappings
from lockstep.domain.budget import Usage
from lockstep.domain.circuit import Circuit, Reason, Trouble, closed, opened
from lockstep.domain.failures import FailureKind, SyncError
from tests.fakes.changes import NOON

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def test_circuit_that_nobody_has_stored_is_closed(aws):
    assert DynamoDbCircuits("connection").load() == Circuit()


def test_circuit_comes_back_as_it_was_stored(aws):
    circuit = opened(Circuit(), Trouble(Reason.SIGN_IN_REFUSED, "invalid_grant", "mark"), NOON)

    assert DynamoDbCircuits("connection").save(circuit)

    assert DynamoDbCircuits("connection").load() == circuit


def test_of_two_that_store_the_same_revision_one_wins(aws):
    circuits = DynamoDbCircuits("connection")
    first = opened(Circuit(), Trouble(Reason.SIGN_IN_REFUSED, "one"), NOON)
    assert circuits.save(first)
    assert not circuits.save(opened(Circuit(), Trouble(Reason.ORG_UNAVAILABLE, "two"), NOON))

    assert circuits.save(closed(first, "one", NOON))
    assert not circuits.save(closed(first, "two", NOON))
    assert circuits.load().closed_by == "one"


def test_circuit_that_cannot_be_read_says_what_to_do(aws):
    item = {"name": {"S": "circuit"}, "revision": {"N": "1"}, "content": {"S": '{"position": "ajar"}'}}
    boto3.client("dynamodb").put_item(TableName="connection", Item=item)

    with pytest.raises(SyncError, match="delete it") as caught:
        DynamoDbCircuits("connection").load()

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID


def test_newer_usage_is_never_replaced_by_an_older_one(aws):
    usages = DynamoDbUsages("connection")
    assert usages.load() is None
    new = Usage(used=2, maximum=10, read_at=NOON)

    usages.save(new)
    usages.save(Usage(used=1, maximum=10, read_at=NOON - timedelta(seconds=1)))

    assert usages.load() == new


def test_store_that_aws_refuses_is_a_failure_of_ours():
    with pytest.raises(SyncError) as caught:
        DynamoDbCircuits("connection", client=_refusing("dynamodb", "get_item")).load()

    assert caught.value.kind is FailureKind.AWS_UNAVAILABLE


def _refusing(service, call):
    client = boto3.Session().client(service)  # of its own: it is stubbed for good
    stubber = Stubber(client)
    stubber.add_client_error(call, "ThrottlingException")
    stubber.activate()
    return client


@pytest.mark.parametrize(
    ("on", "state", "is_updated"),
    [
        (False, "Enabled", True),
        (False, "Enabling", True),
        (False, "Disabled", False),
        (False, "Disabling", False),
        (True, "Disabled", True),
        (True, "Disabling", True),
        (True, "Enabled", False),
        (True, "Enabling", False),
    ],
)
def test_trigger_is_switched_only_where_it_is_not_as_it_should_be(on, state, is_updated):
    client = boto3.client("lambda")
    stubber = Stubber(client)
    stubber.add_response("get_event_source_mapping", {"State": state}, {"UUID": ONE})
    if is_updated:
        stubber.add_response("update_event_source_mapping", {}, {"UUID": ONE, "Enabled": on})

    with stubber:
        EventSourceMappings([ONE], client).switch(on=on)

    stubber.assert_no_pending_responses()


def test_trigger_that_aws_refuses_to_switch_does_not_hinder_the_next():
    client = boto3.client("lambda")
    stubber = Stubber(client)
    stubber.add_client_error("get_event_source_mapping", "ResourceInUseException")
    stubber.add_response("get_event_source_mapping", {"State": "Enabled"}, {"UUID": TWO})
    stubber.add_response("update_event_source_mapping", {}, {"UUID": TWO, "Enabled": False})

    with stubber, pytest.raises(SyncError) as caught:
        EventSourceMappings([ONE, TWO], client).switch(on=False)

    assert caught.value.error_code == "ResourceInUseException"
    stubber.assert_no_pending_responses()
