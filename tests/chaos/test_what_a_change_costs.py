"""How many requests to AWS a change takes that simply succeeds."""

from collections import Counter

from tests.chaos.shop import customer
from tests.chaos.world import new_world


def test_change_that_succeeds_costs_five_writes_of_dynamodb_and_reads_no_error_log():
    with new_world() as world:
        world.post(customer(1))
        world.invoke(world.receive())  # signs in, asks for describes
        before = Counter(world.calls.names)
        world.post(customer(2))
        world.invoke(world.receive())
        spent = Counter(world.calls.names) - before

        writes = spent["UpdateItem"]
        assert writes == 5
        assert not {"Query", "Scan", "PutItem", "TransactWriteItems", "DeleteItem"} & set(spent)
        assert world.errors() == {}
