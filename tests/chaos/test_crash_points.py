"""Why some deaths are one: nothing changes between two calls, nor while a call only reads."""

from dataclasses import dataclass, field

import boto3
import pytest
from moto.dynamodb.models import dynamodb_backends

from tests.chaos import test_retry_crashes as retries
from tests.chaos import test_upsert_crashes as upserts
from tests.chaos.crashes import READS, Calls, Point, When, every_death, every_gap, every_refusal
from tests.chaos.shop import customer
from tests.chaos.world import KEY_FIELDS, new_world

ACCOUNT = "123456789012"


@dataclass
class Watcher(Calls):
    """Looks at the whole world on both sides of each call that it sees."""

    world: object = None
    looks: list = field(default_factory=list)

    def _strike(self, here, name):
        with self.paused():
            self.looks.append((here, name, _state_of(self.world)))


def _state_of(world):
    tables = dynamodb_backends[ACCOUNT]["us-east-1"].tables  # hundreds of looks; to ask by boto3 takes far longer
    objects = boto3.client("s3").list_objects_v2(Bucket="payloads").get("Contents", [])
    login = boto3.client("secretsmanager").get_secret_value(SecretId="stack/salesforce")
    return {
        "items": [[item.to_json() for item in table.all_items()] for table in tables.values()],
        "objects": [(each["Key"], each["ETag"]) for each in objects],
        "messages": [world.depth(name) for name in ("inbound", "dead-letters")],
        "login": login["SecretString"],
        "records": [world.org.records(name) for name in KEY_FIELDS],
    }


RUNS = {
    "webhook": (lambda _world: None, lambda world: world.post(customer(1))),
    "upsert": (upserts._prepare, lambda world: world.invoke(world.receive())),
    "upsert with failures": (retries._prepare_failures, lambda world: world.invoke(world.receive())),
    "retry": (retries._prepare, lambda world: world.retry()),
    "dead_letter": (retries._bury, lambda world: world.take_dead_letters()),
}


@pytest.mark.parametrize(("prepare", "run"), RUNS.values(), ids=RUNS)
def test_world_changes_while_a_call_that_changes_something_is_made_and_at_no_other_moment(prepare, run):
    calls = Watcher()
    with new_world(calls) as world:
        calls.world = world
        with calls.paused():
            prepare(world)
        run(world)

    assert len(calls.looks) == 2 * len(calls.names) > 0
    before = calls.looks[0][2]
    for here, name, state in calls.looks:
        if here.when is When.BEFORE or name in READS:
            assert state == before, f"{here}, {name}"
        before = state


def test_points_are_one_for_each_world_that_differs():
    names = ["GetItem", "UpdateItem", "org PATCH"]

    assert every_death(names) == [Point(1, When.BEFORE), Point(2, When.AFTER), Point(3, When.AFTER)]
    assert every_gap(len(names)) == [Point(1, When.BEFORE), *[Point(call, When.AFTER) for call in (1, 2, 3)]]
    assert every_refusal(names) == [
        Point(1, When.BEFORE),
        *[Point(call, when) for call in (2, 3) for when in When],
    ]
