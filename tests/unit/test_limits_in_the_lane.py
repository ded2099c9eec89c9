"""The limits of the org's fields in the lane: a value too much costs no call, a changed org no person."""

import json
from datetime import timedelta

import pytest

from lockstep.domain.changes import State
from lockstep.domain.failures import FailureKind
from lockstep.services.cached_describes import CachedDescribes
from lockstep.services.check_routes import DOUBTED_MAX_AGE_S, RouteGate
from tests.fakes.changes import change
from tests.fakes.describes import FakeAlerts, FakeDescribeSource, FakeDescribeStore, FakeLeases
from tests.fakes.lane import Lane
from tests.unit.describes import account, contact, route, sized


@pytest.fixture
def source():
    return FakeDescribeSource({"Contact": contact(), "Account": account()})


@pytest.fixture
def lane(source):
    lane, leases = Lane(), FakeLeases()
    describes = CachedDescribes(source=source, store=FakeDescribeStore(), leases=leases, clock=lambda: lane.now)
    lane.gate = RouteGate(
        routes={"erp_contact": route({"FirstName": {"type": "text", "from": "first"}})},
        describes=describes,
        leases=leases,
        alerts=FakeAlerts(),
        clock=lambda: lane.now,
        max_age_s=3600,
    )
    return lane


def person(name, version=1, last="Lovelace"):
    payload = json.dumps({"first": name, "last": last})
    return change("1", version, source="erp", entity="contact", payload=payload)


def test_value_too_long_for_the_field_is_for_a_person_without_a_call(lane, source):
    report = lane.run(person("x" * 41))

    (outcome,) = report.outcomes
    assert (outcome.state, outcome.failure_kind) == (State.PENDING, FailureKind.FIELD_LIMIT)
    assert "FirstName" in outcome.detail
    assert "40 characters" in outcome.detail
    assert lane.gateway.calls == []
    assert sorted(source.asked) == ["Account", "Contact"]


def test_batches_cost_no_more_describes(lane, source):
    for version in range(1, 6):
        lane.run(person("Ada", version))

    assert sorted(source.asked) == ["Account", "Contact"]


def test_value_that_the_route_itself_refuses_is_no_limit_of_the_org(lane):
    (outcome,) = lane.run(person("x" * 41, last=None)).outcomes

    assert outcome.failure_kind == FailureKind.MAPPING_FAILED


def test_field_that_was_made_longer_meanwhile_takes_the_value_by_itself(lane, source):
    lane.run(person("Ada"))
    source.describes["Contact"] = contact({"FirstName": sized("FirstName", 100)})
    lane.now += timedelta(seconds=DOUBTED_MAX_AGE_S + 1)
    longer = person("x" * 41, 2)

    lane.run(longer)
    assert lane.entry(longer) is None
    assert lane.state(longer) is State.QUEUED
    (waiting,) = lane.inbound.sent
    assert waiting.deferrals == 0

    lane.run(waiting)
    assert lane.state(longer) is State.APPLIED
