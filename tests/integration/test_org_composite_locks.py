"""Composite requests that meet row locks: taken back whole, begun again, or refused."""

from tests.integration.composite_parts import ACCOUNT, ROLLED_BACK, composite, names, part


def test_a_transaction_that_may_not_wait_for_a_lock_is_taken_back(api, rules_org):
    held = api.call("POST", "sobjects/Account", {"Name": "held"}).json()["id"]
    rules_org.row_locks.change(wait_s=0)
    rules_org.row_locks.hold([held], 30)

    results = composite(api, ACCOUNT, part("b", "PATCH", f"sobjects/Account/{held}", {"Name": "x"}), allOrNone=True)

    assert results[0]["body"] == [ROLLED_BACK]
    assert results[1]["body"][0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert names(rules_org) == ["held"]


def test_a_batch_that_waited_for_a_lock_is_done_and_counted_once(api, rules_org):
    held = api.call("POST", "sobjects/Account", {"Name": "held"}).json()["id"]
    rules_org.row_locks.hold([held], 0.05)
    before = rules_org.usage.used
    requests = [
        {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": "new"}},
        {"method": "PATCH", "url": f"v66.0/sobjects/Account/{held}", "richInput": {"Name": "changed"}},
    ]

    answer = api.call("POST", "composite/batch", {"batchRequests": requests}).json()

    assert [each["statusCode"] for each in answer["results"]] == [201, 204]
    assert sorted(names(rules_org)) == ["changed", "new"]
    assert rules_org.usage.used == before + 2
