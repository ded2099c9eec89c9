"""AWS refuses a call, or loses its answer, at any place: the sender or the queue comes again, and nothing is lost."""

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.chaos.crashes import Calls, every_refusal
from tests.chaos.shop import customer, order
from tests.chaos.world import new_world

EVENT = customer(9007199254740993123, 7)
CODES = {
    "BatchGetItem": "ProvisionedThroughputExceededException",
    "UpdateItem": "TransactionConflictException",
    "SendMessageBatch": "RequestThrottled",
    "GetSecretValue": "InternalServiceError",
    "PutObject": "SlowDown",
}


def refuse(name):
    """Fail as AWS does when botocore's own retries are used up."""
    if name.startswith("org "):
        raise ConnectionError
    raise ClientError({"Error": {"Code": CODES[name], "Message": "no"}}, name)


def time_out(name):
    raise ReadTimeoutError(endpoint_url=name)


def _webhook_calls():
    with new_world() as world:
        world.post(EVENT)
        return world.calls.names


@pytest.mark.parametrize("fault", [refuse, time_out])
def test_sender_is_asked_to_come_again_when_aws_fails_at_any_call(fault, subtests):
    names = _webhook_calls()
    for point in every_refusal(names):
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world(Calls(point, fault)) as world:
            assert world.post(EVENT) == 503

            world.deliver(EVENT)
            world.drain()

            assert world.names("Account") == {"9007199254740993123": "v7"}
            world.check_books()


def _prepare(world):
    world.enqueue(customer(1, 2), customer(1, 1), order(71, 1), order(72, 2))
    world.new_process()
    world.calls.names.clear()


def _aws_points():
    with new_world() as world:
        _prepare(world)
        world.invoke(world.receive())
        names = world.calls.names
    return names, [point for point in every_refusal(names) if not names[point.call - 1].startswith("org ")]


def test_batch_arrives_once_when_aws_fails_at_any_call(subtests):
    names, points = _aws_points()
    for point in points:
        with subtests.test(f"{point}, {names[point.call - 1]}"), new_world() as world:
            _prepare(world)
            world.calls.point, world.calls.struck = point, refuse
            assert world.invoke(world.receive())

            world.enqueue(customer(2))
            world.drain()

            assert world.names("Account") == {"1": "v2", "2": "v1"}
            assert world.names("Order") == {"71": "v1", "72": "v1"}
            world.check_books()


def _refuse_every_second_message_once(call):
    """Return a door to AWS whose queue takes every second message of the first request."""
    requests = []

    def partly(client, operation, parameters):
        if operation != "SendMessageBatch" or requests:
            return call(client, operation, parameters)
        entries = parameters["Entries"]
        requests.append(len(entries))
        taken = call(client, operation, {**parameters, "Entries": entries[::2]})
        return {**taken, "Failed": [{"Id": each["Id"], "Code": "InternalError"} for each in entries[1::2]]}

    return partly


def test_deferred_changes_that_the_queue_does_not_take_come_again_with_their_messages(monkeypatch):
    with new_world() as world, monkeypatch.context() as patch:
        world.enqueue(*[order(70 + number, 1) for number in range(4)])
        patch.setattr(BaseClient, "_make_api_call", _refuse_every_second_message_once(BaseClient._make_api_call))

        world.invoke(world.receive())

        assert world.depth("inbound") == 4
        world.enqueue(customer(1))
        world.drain()
        assert set(world.names("Order")) == {"70", "71", "72", "73"}
        world.check_books()


def test_refusal_of_the_only_message_is_told_to_the_sender(monkeypatch):
    with new_world() as world:
        call = BaseClient._make_api_call
        refused = {"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}
        with monkeypatch.context() as patch:
            patch.setattr(
                BaseClient,
                "_make_api_call",
                lambda client, name, values: refused if name == "SendMessageBatch" else call(client, name, values),
            )
            assert world.post(EVENT) == 503

        world.deliver(EVENT)
        world.drain()

        assert world.names("Account") == {"9007199254740993123": "v7"}
        world.check_books()
