"""Orders with lines, in any order, with records that are refused and workers that die: in the end the newest stands."""

from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lockstep.domain.changes import State
from lockstep.domain.failures import FailureKind, SyncError
from tests.fakes.lane import Lane
from tests.unit.test_several_records import ROUTES, customer, line, order

KINDS = [FailureKind.ROW_LOCKED, FailureKind.OUTCOME_UNKNOWN, FailureKind.RECORD_INVALID, FailureKind.ORG_UNAVAILABLE]
ORDERS = ["7", "8"]
LINES = {"7": [70, 71], "8": [80, 81]}


def _order(name, version):
    """Return a version of an order: the second has one line less, the third two."""
    lines = [line(each, version) for each in LINES[name][: 3 - version]]
    return order(name, version, *lines, mail="shared@x" if version > 1 else None)


_changes = st.builds(_order, st.sampled_from(ORDERS), st.integers(1, 3))
_names = st.sampled_from(["c1", "7", "8", "70", "71", "80", "shared@x"])
_batches = st.lists(
    st.tuples(
        st.lists(_changes | st.just(customer("c1")), min_size=1, max_size=2),
        st.dictionaries(_names, st.sampled_from(KINDS), max_size=3),
        st.sampled_from([None, "Order", "OrderItem", "Contact", "the booking"]),
        st.booleans(),
    ),
    max_size=5,
)


def _lane():
    lane = Lane(ROUTES)
    lane.gateway.knows_parents = True
    lane.gateway.create_only = frozenset({"Order", "OrderId"})
    return lane


def _waiting(lane):
    person = [each.correlation_id for each in lane.errors.entry_by_name.values() if each.status.needs_people]
    lane.errors.reopen(person, lane.now)
    waiting = [*lane.inbound.sent, *lane.retry_all()]
    lane.inbound.sent.clear()
    return waiting


def _dying(lane, where):
    """Let the worker die in the call for an object, or after all calls."""
    upsert, record = lane.gateway.upsert, lane.log.record

    def dies(object_name, *rest):
        if object_name == where:
            raise ZeroDivisionError
        return upsert(object_name, *rest)

    def books(*_, **__):
        raise ZeroDivisionError

    lane.gateway.upsert = dies
    lane.log.record = books if where == "the booking" else record


def _deliver(lane, changes, failures, where):
    lane.gateway.failures = {name: SyncError(kind, "as the test wants") for name, kind in failures.items()}
    _dying(lane, where)
    try:
        lane.run(*changes)
    except ZeroDivisionError:
        lane.inbound.sent += changes  # the queue delivers them again
    finally:
        del lane.gateway.upsert, lane.log.record


@settings(deadline=None, max_examples=300)
@given(batches=_batches, is_customer_there=st.booleans())
@example(
    batches=[
        ([_order("7", 1), customer("c1")], {"7": FailureKind.OUTCOME_UNKNOWN}, None, False),
        ([_order("7", 2)], {}, "the booking", False),
    ],
    is_customer_there=False,
)
def test_newest_order_with_all_its_lines_stands_in_the_end(batches, is_customer_there):
    lane = _lane()
    if is_customer_there:
        lane.run(customer("c1"))
    everything = {each.correlation_id: each for changes, *_ in batches for each in changes}
    highest = {}
    for changes, failures, where, is_time_for_the_waiting in batches:
        _deliver(lane, [*changes, *(_waiting(lane) if is_time_for_the_waiting else [])], failures, where)
        for name in ORDERS:
            stands = lane.gateway.records.get(("Order", name), {}).get("V__c", 0)
            assert stands >= highest.get(name, 0)
            highest[name] = stands
    lane.gateway.failures = {}
    last = [customer("c1"), *everything.values()]
    for _ in range(4):
        lane.now += timedelta(seconds=lane.guard.lease_s + 1)  # the leases of the dead end
        lane.run(*last)
        last = _waiting(lane)

    assert last == []
    states = {(each.entity, each.external_id, each.version): lane.state(each) for each in everything.values()}
    assert set(states.values()) <= {State.APPLIED, State.SUPERSEDED, State.DUPLICATE}
    for name in {each.external_id for each in everything.values() if each.entity == "order"}:
        newest = max(version for entity, key, version in states if (entity, key) == ("order", name))
        assert states["order", name, newest] is State.APPLIED
        assert lane.gateway.records["Order", name]["V__c"] == newest
        for each in LINES[name][: 3 - newest]:
            assert lane.gateway.records["OrderItem", str(each)]["Quantity"] == newest
