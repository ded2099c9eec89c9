"""Sixteen workers at once on the same few records, in random order: the newest version stands, and none goes back.

Real here: the threads, the use case with a client of the org for each worker, the routes, the org and its history.
In memory, because moto is slow and no server: the guard, the change log, the queue, the error log; the second part of
the file holds DynamoDB's guard itself to the same. The org's user may pass its validation rules, which would hide what
the guard lets through.
"""

import json
import random
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import boto3
import pytest
import requests
from botocore.client import BaseClient
from moto import mock_aws

from local.org.in_process import OrgAdapter
from local.org.org import Org, OrgSettings
from lockstep.adapters.salesforce import SalesforceRest
from lockstep.adapters.version_guard import DynamoDbVersionGuard
from lockstep.domain.changes import State, Version
from lockstep.domain.guard import GuardAnswer, GuardClaim
from lockstep.services.check_routes import OpenGate
from lockstep.services.log_failures import LogFailures
from lockstep.services.settle_changes import SettleChanges
from lockstep.services.upsert_changes import Delivery, UpsertChanges
from lockstep.services.write_records import WriteRecords
from tests.chaos.crashes import Calls, seen_calls
from tests.chaos.lane import ROUTES, Token
from tests.chaos.surroundings import ORG_URL
from tests.chaos.world import SCHEMA
from tests.fakes.changes import change
from tests.fakes.errors import FakeErrorLog
from tests.fakes.intake import FakePayloadStore
from tests.fakes.shared import SharedChangeLog, SharedGuard, SharedQueue
from tests.fakes.tables import make_tables

WORKERS, MOST_AT_ONCE, SEED = 16, 50, 20261124
PATIENCE_S = 120
KEY, VERSION = "Shopify_Customer_Id__c", "Shopify_Version__c"


class _NoGuard(SharedGuard):
    """Lets everybody write everything."""

    def _claim(self, claim, owner, now):
        super()._claim(claim, owner, now)
        return GuardAnswer.GRANTED


class _Crowd:
    """Workers that share the stores and the org."""

    def __init__(self, guard, changes):
        self.org = Org(
            SCHEMA,
            OrgSettings(keeps_history=True, daily_api_requests=10**6, permission_sets=("Lockstep_Data_Repair",)),
        )
        self.guard, self.log, self.errors = guard, SharedChangeLog(), FakeErrorLog()
        self.queue = SharedQueue(random.Random(SEED))
        self.queue.send(changes)
        self.queue.sent_again = 0
        self.batches = Counter()

    def run(self):
        """Let all workers begin together, and wait for them; what one raises is raised here."""
        deadline_s = time.monotonic() + PATIENCE_S
        with ThreadPoolExecutor(WORKERS) as threads:
            for worker in [threads.submit(self._work, number, deadline_s) for number in range(WORKERS)]:
                worker.result()

    def _work(self, number, deadline_s):
        use_case, batches = self._use_case(number), 0
        while not self.queue.is_done and time.monotonic() < deadline_s:
            taken = self.queue.receive(MOST_AT_ONCE)
            if taken:
                report = use_case([Delivery(str(place), each) for place, each in enumerate(taken)], lambda: True)
                assert report.again == frozenset()
                self.queue.acknowledge(len(taken))
                batches += 1
        self.batches[number] = batches

    def _use_case(self, number):
        session = requests.Session()
        session.mount(ORG_URL, OrgAdapter(self.org))
        owners = (f"worker {number}, batch {batch}" for batch in range(10**9))
        payloads = FakePayloadStore()
        settle = SettleChanges(
            change_log=self.log,
            guard=self.guard,
            inbound=self.queue,
            error_log=self.errors,
            log_failures=LogFailures(self.errors, payloads),
            clock=_now,
            uniform=random.Random(number).uniform,
        )
        return UpsertChanges(
            gate=OpenGate(ROUTES),
            change_log=self.log,
            guard=self.guard,
            write_records=WriteRecords(gateway=SalesforceRest(Token(self.org), "66.0", session), payloads=payloads),
            settle_changes=settle,
            clock=_now,
            new_owner=lambda: next(owners),
        )


def _now():
    return datetime.now(UTC)


def _customers(records, versions):
    """Return every version of every record, in random order."""
    told = [
        change(
            str(record),
            version,
            source="shopify",
            entity="customer",
            payload=json.dumps({"id": record, "first_name": f"v{version}"}),
        )
        for record in range(records)
        for version in range(1, versions + 1)
    ]
    random.Random(SEED).shuffle(told)
    return told


@pytest.fixture
def quick_switches():
    """Let threads take turns far more often than usual, so that they meet."""
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    yield
    sys.setswitchinterval(usual_s)


@pytest.fixture
def crowd(quick_switches):
    def run(guard, *, records, versions):
        made = _Crowd(guard, _customers(records, versions))
        made.run()
        return made

    return run


def test_sixteen_workers_end_at_the_newest_version_of_200_records_and_none_ever_went_back(crowd):
    worked = crowd(SharedGuard(), records=200, versions=100)

    accounts = worked.org.records("Account")
    assert {each[KEY]: (each[VERSION], each["Name"]) for each in accounts} == {
        str(n): (100, "v100") for n in range(200)
    }
    assert len(accounts) == 200
    assert worked.org.went_back("Account", VERSION) == []
    assert worked.errors.entry_by_name == {}
    states = Counter(worked.log.state_by_id.values())
    assert states.total() == 20_000
    assert set(states) == {State.APPLIED, State.SUPERSEDED}
    # They did meet: each worked, and hundreds of changes found their record in another's hands.
    assert min(worked.batches[number] for number in range(WORKERS)) > 5
    assert worked.queue.sent_again > 100


def test_same_workers_without_the_guard_turn_versions_back(crowd):
    worked = crowd(_NoGuard(), records=20, versions=100)

    assert worked.org.went_back("Account", VERSION)


def _claim(record, stamp):
    return GuardClaim("shop", "Account", str(record), Version(stamp, 0, 0), f"content {stamp}", f"{record}:{stamp}")


def _write_all(wanted, written, number):
    """Claim, write and commit one after the other; what another holds goes back to the others."""
    guard, held = DynamoDbVersionGuard("version-guard", 75), 0
    while wanted:
        try:
            record, stamp = wanted.pop()
        except IndexError:
            return held
        claim, owner = _claim(record, stamp), f"worker {number}, {record}:{stamp}:{held}"
        (answer,) = guard.claim([claim], owner, _now())
        if answer is GuardAnswer.HELD:
            held += 1
            wanted.insert(0, (record, stamp))
        elif answer is GuardAnswer.GRANTED:
            written[record].append(stamp)
            guard.commit([claim], owner)
    return held


def test_eight_workers_at_dynamodbs_guard_write_20_records_in_the_order_of_their_versions(quick_switches, monkeypatch):
    wanted = [(record, stamp) for record in range(20) for stamp in range(1, 26)]
    random.Random(SEED).shuffle(wanted)
    written = defaultdict(list)
    with mock_aws(), ThreadPoolExecutor(8) as threads, monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", seen_calls(BaseClient._make_api_call, Calls()))
        make_tables(boto3.client("dynamodb"))
        workers = [threads.submit(_write_all, wanted, written, number) for number in range(8)]
        held = sum(worker.result() for worker in workers)

    assert {record: stamps[-1] for record, stamps in written.items()} == dict.fromkeys(range(20), 25)
    assert all(stamps == sorted(set(stamps)) for stamps in written.values())
    assert held > 0
