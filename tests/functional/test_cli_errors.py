"""`lockstep errors`: what failed is listed, shown, mended, sent again or given up."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from functions.retry import handler as retry_function
from lockstep.adapters.error_log import DynamoDbErrorLog
from lockstep.adapters.error_log_desk import DynamoDbErrorDesk
from lockstep.adapters.payload_store import S3PayloadStore
from lockstep.domain.changes import Change, Operation, State
from lockstep.domain.error_list import Edit
from lockstep.domain.error_log import EntryStatus, unreadable_entry
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.messages import message_body
from lockstep.services.log_failures import LogFailures
from tests.functional.cli_operator import SECRET, Operator, customer, payload, unmappable
from tests.functional.conftest import messages
from tests.functional.test_error_log import failure

HOSTILE = {
    "control characters": "1\x1b[31m\x07\x00",
    "markup": "[red]1[/red][link=https://evil.example]x",
    "very long": "9" * 500,
    "right to left": "1\u202e2",
    "several lines": "1\n2\r3",
}


@pytest.fixture
def operator(stack, monkeypatch):
    return Operator(stack, monkeypatch)


@pytest.fixture
def send_due(stack):
    def send_due():
        retry_function.send_due_retries.cache_clear()
        retry_function.lambda_handler({}, stack.context())
        return [Change.model_validate_json(each["Body"]) for each in messages("inbound")]

    yield send_due
    retry_function.send_due_retries.cache_clear()


def names(answer):
    return [each["correlation_id"] for each in answer["errors"]]


def test_failures_are_listed_newest_first_with_what_finds_them(operator):
    one, two = unmappable("1"), unmappable("2")
    operator.sync(one)
    operator.sync(two)

    code, answer = operator.json("errors", "list")

    assert code == 0
    assert names(answer) == [two.correlation_id, one.correlation_id]
    assert answer["is_complete"] is True
    assert answer["errors"][1] == {
        "correlation_id": one.correlation_id,
        "status": "Pending",
        "failure_kind": "MAPPING_FAILED",
        "created_at": answer["errors"][1]["created_at"],
        "updated_at": answer["errors"][1]["updated_at"],
        "error_code": None,
        "source": "shopify",
        "entity": "customer",
        "object_name": "Account",
        "external_id": "1",
        "tries": 0,
        "next_try_at": None,
        "abandoned_by": "",
    }


def test_list_fits_a_terminal_and_its_names_can_be_copied(operator):
    operator.sync(unmappable("1"), unmappable("2" * 200))

    output = operator.run("errors", "list").stdout

    assert max(map(len, output.splitlines())) <= 80
    assert all(one.correlation_id in output for one in (unmappable("1"), unmappable("2" * 200)))


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_hostile_values_are_shown_harmlessly(operator, value):
    one = customer(value, event_id="e")
    operator.stack.errors.log([failure(one, EntryStatus.PENDING, vendor_message=value, at=datetime.now(UTC))])

    for command in (["errors", "list"], ["errors", "show", one.correlation_id], ["trace", one.correlation_id]):
        output = operator.run(*command).stdout
        assert all(each.isprintable() or each == "\n" for each in output), command
        if "[red]" in value and command[0] == "errors":
            assert "[red]" in output


FILTERS = {
    "status": (["--status", "pending"], {"pending"}),
    "two statuses": (["--status", "pending", "--status", "Abandoned"], {"pending", "abandoned"}),
    "kind": (["--kind", "outcome_unknown"], {"pending", "abandoned", "retrying"}),
    "other kind": (["--kind", "ROW_LOCKED"], set()),
    "source": (["--source", "erp"], set()),
    "object": (["--object", "Account"], {"pending", "abandoned", "retrying"}),
    "external id": (["--external-id", "abandoned"], {"abandoned"}),
    "older": (["--older-than", "30m"], {"abandoned"}),
    "younger": (["--younger-than", "30m"], {"pending", "retrying"}),
    "resolved": (["--status", "resolved"], {"resolved"}),
    "none": ([], {"pending", "abandoned", "retrying"}),
}


@pytest.mark.parametrize(("options", "found"), FILTERS.values(), ids=FILTERS)
def test_list_is_filtered(operator, options, found):
    now = datetime.now(UTC)
    log = operator.stack.errors
    log.log([failure(customer("retrying"), at=now), failure(customer("pending"), EntryStatus.PENDING, at=now)])
    log.log([failure(customer("abandoned"), EntryStatus.ABANDONED, at=now - timedelta(hours=1))])
    operator.sync(unmappable("resolved"))
    operator.sync(customer("resolved", 2, payload=payload()))

    _, answer = operator.json("errors", "list", *options)

    assert {each["external_id"] for each in answer["errors"]} == found


def test_list_ends_at_its_limit_and_says_so(operator):
    operator.stack.errors.log([failure(customer(str(n)), EntryStatus.PENDING) for n in range(5)])

    _, answer = operator.json("errors", "list", "--limit", 3)

    assert (len(answer["errors"]), answer["is_complete"]) == (3, False)
    assert "there are more" in operator.run("errors", "list", "--limit", 3).output


@pytest.mark.parametrize("age", ["soon", "15", "m", "-1m", "1y", "1.5h", "99999999d"])
def test_age_that_is_none_is_refused(operator, age):
    assert operator.run("errors", "list", "--older-than", age).exit_code == 2


def test_show_has_payload_record_attempts_and_what_to_do(operator):
    one = unmappable("1")
    operator.sync(one)

    code, answer = operator.json("errors", "show", one.correlation_id)

    assert code == 0
    assert answer["payload"] == one.payload
    assert (answer["status"], answer["failure_kind"]) == ("Pending", "MAPPING_FAILED")
    assert "Email__c" in answer["detail"]
    assert (answer["change"]["external_id"], answer["change"]["version"]) == ("1", 1)
    assert len(answer["attempts"]) == 1
    assert (answer["original_payload"], answer["edits"], answer["abandonment"]) == (None, [], None)
    output = operator.run("errors", "show", one.correlation_id).stdout
    assert SECRET in output
    assert "attempt 1" in output


def test_show_has_the_record_as_it_was_sent_and_salesforces_words(operator, org):
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "STRING_TOO_LONG", "message": "words"})
    one = customer("1", payload=payload())
    operator.sync(one)

    _, answer = operator.json("errors", "show", one.correlation_id)

    assert json.loads(answer["record"])["Shopify_Customer_Id__c"] == "1"
    assert (answer["error_code"], answer["vendor_message"]) == ("STRING_TOO_LONG", "words")


def test_show_of_a_message_that_is_no_change_has_its_body(operator):
    entry = unreadable_entry("not\x1b json", "no change", datetime.now(UTC))
    operator.stack.errors.log([entry])

    assert operator.json("errors", "show", entry.correlation_id)[1]["payload"] == "not\x1b json"
    assert "\x1b" not in operator.run("errors", "show", entry.correlation_id).stdout


def test_large_payload_is_shown_from_where_it_lies(operator):
    one = unmappable("1", payload=payload(SECRET, email="x" * 90, note="n" * 150_000))
    operator.sync(one)

    assert operator.entry(one).change.payload is None
    assert operator.json("errors", "show", one.correlation_id)[1]["payload"] == one.payload


@pytest.mark.parametrize("command", [["show"], ["edit"]], ids=["show", "edit"])
def test_name_that_nobody_knows_is_said_and_ends_with_1(operator, command):
    result = operator.run("errors", *command, "unknown")

    assert result.exit_code == 1
    assert "has no unknown" in result.output


@pytest.fixture
def editor(tmp_path):
    """Return what makes EDITOR a script that replaces a text, and remembers what it was given."""

    def editor(old, new):
        script = tmp_path / "an editor"
        script.write_text(
            "import pathlib, sys\n"
            f"file = pathlib.Path(sys.argv[-1]); seen = pathlib.Path({str(tmp_path / 'seen')!r})\n"
            "seen.write_text(f'{file.stat().st_mode & 0o777:o} {file}')\n"
            f"file.write_text(file.read_text().replace({old!r}, {new!r}))\n"
        )
        return {"EDITOR": f"{sys.executable} '{script}' --wait", "VISUAL": ""}

    return editor


BAD = "x" * 90 + "@example.com"


def test_edited_payload_is_sent_and_the_original_stays_beside_it(operator, editor, send_due, org, tmp_path):
    one = unmappable("1")
    operator.sync(one)

    result = operator.run("errors", "edit", one.correlation_id, env=editor(BAD, "ada@example.com"))

    assert result.exit_code == 0, result.output
    mode, file = (tmp_path / "seen").read_text().split(" ", 1)
    assert (mode, Path(file).exists()) == ("600", False)
    _, shown = operator.json("errors", "show", one.correlation_id)
    assert shown["original_payload"] == one.payload
    assert json.loads(shown["payload"])["email"] == "ada@example.com"
    assert [edit["by"] for edit in shown["edits"]] == [boto3.client("sts").get_caller_identity()["Arn"]]
    assert operator.run("errors", "retry", one.correlation_id, "--yes").exit_code == 0
    (sent,) = send_due()
    assert (sent.content_hash, sent.version) == (one.content_hash, one.version)
    operator.stack.invoke(sent)
    (account,) = org.records("Account")
    assert account["Email__c"] == "ada@example.com"
    assert operator.entry(one).status is EntryStatus.RESOLVED


def test_second_edit_keeps_the_first_original(operator, editor):
    one = unmappable("1")
    operator.sync(one)
    operator.run("errors", "edit", one.correlation_id, env=editor(BAD, "ada@example.com"))

    operator.run("errors", "edit", one.correlation_id, env=editor("ada@", "eve@"))

    _, shown = operator.json("errors", "show", one.correlation_id)
    assert shown["original_payload"] == one.payload
    assert "eve@example.com" in shown["payload"]
    assert len(shown["edits"]) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [(BAD, "y" * 99, "Email__c"), ("{", "[", "not JSON"), ("}", "", "not JSON")],
    ids=["unmappable", "no JSON", "cut off"],
)
def test_payload_that_cannot_be_sent_is_not_stored_and_the_problem_is_said(operator, editor, old, new, said):
    one = unmappable("1")
    operator.sync(one)

    result = operator.run("errors", "edit", one.correlation_id, env=editor(old, new), text="n\n")

    assert result.exit_code == 2
    assert said in result.output
    assert operator.entry(one).change.payload == one.payload


def test_payload_that_says_the_same_is_no_edit(operator, tmp_path):
    one = unmappable("1")
    operator.sync(one)
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(json.loads(one.payload), indent=4))

    assert "as it was" in operator.run("errors", "edit", one.correlation_id, "--payload", file).output
    assert operator.json("errors", "show", one.correlation_id)[1]["edits"] == []


def test_programs_are_told_whether_the_payload_was_edited(operator, tmp_path):
    one = unmappable("1")
    operator.sync(one)
    (tmp_path / "same.json").write_text(one.payload)
    (tmp_path / "good.json").write_text(payload())

    answers = [
        operator.json("errors", "edit", one.correlation_id, "--payload", tmp_path / name)
        for name in ("same.json", "good.json")
    ]

    same = {"correlation_id": one.correlation_id, "is_edited": False, "edits": 0}
    assert answers == [(0, same), (0, {**same, "is_edited": True, "edits": 1})]


def test_payload_from_a_file_is_checked_alike(operator, tmp_path):
    one = unmappable("1")
    operator.sync(one)
    (tmp_path / "bad.json").write_text(one.payload.replace("x", "y"))
    (tmp_path / "good.json").write_text(payload(note=9007199254740993123))

    bad, good = (
        operator.run("errors", "edit", one.correlation_id, "--payload", tmp_path / name).exit_code
        for name in ("bad.json", "good.json")
    )

    assert (bad, good) == (2, 0)
    assert '"note":9007199254740993123' in operator.entry(one).change.payload


def test_large_payload_is_edited_beside_its_entry(operator, tmp_path):
    one = unmappable("1")
    operator.sync(one)
    text = payload(note="n" * 150_000)
    (tmp_path / "large.json").write_text(text)

    assert operator.run("errors", "edit", one.correlation_id, "--payload", tmp_path / "large.json").exit_code == 0

    assert operator.entry(one).change.payload is None
    assert json.loads(operator.json("errors", "show", one.correlation_id)[1]["payload"]) == json.loads(text)


def test_edit_that_met_another_edit_changes_nothing(operator):
    one = unmappable("1")
    operator.sync(one)
    desk, edit = DynamoDbErrorDesk("error-log"), Edit(datetime.now(UTC), "somebody")
    mine, theirs = (one.model_copy(update={"payload": payload(name)}) for name in ("mine", "theirs"))

    assert desk.replace_payload(theirs, edit, after=0)
    assert not desk.replace_payload(mine, edit, after=0)

    assert operator.entry(one).change.payload == theirs.payload


def test_edited_payload_stays_when_the_next_try_fails(operator, tmp_path, send_due, org):
    one = unmappable("1")
    operator.sync(one)
    (tmp_path / "good.json").write_text(payload("edited"))
    operator.run("errors", "edit", one.correlation_id, "--payload", tmp_path / "good.json")
    operator.run("errors", "retry", one.correlation_id, "--yes")
    org.plan_faults({"match": {"external_id": "1"}, "row": True, "error_code": "STRING_TOO_LONG", "message": "m"})

    operator.stack.invoke(*send_due())

    entry = operator.entry(one)
    assert (entry.status, entry.error_code) == (EntryStatus.PENDING, "STRING_TOO_LONG")
    assert "edited" in entry.change.payload


def test_what_cannot_be_edited_says_why(operator):
    unreadable = unreadable_entry("x", "no change", datetime.now(UTC))
    deleted = customer("2", operation=Operation.DELETE)
    operator.stack.errors.log([unreadable, failure(deleted, EntryStatus.PENDING)])
    resolved = unmappable("1")
    operator.sync(resolved)
    operator.sync(customer("1", 2, payload=payload()))

    for name, said in (
        (unreadable.correlation_id, "no change"),
        (deleted.correlation_id, "delete"),
        (resolved.correlation_id, "resolved"),
    ):
        result = operator.run("errors", "edit", name)
        assert (result.exit_code, said in result.output) == (2, True), result.output


@pytest.mark.parametrize("command", ["/no/such/editor", "'unclosed", "false"])
def test_editor_that_does_not_work_is_named_and_nothing_is_changed(operator, command):
    one = unmappable("1")
    operator.sync(one)

    result = operator.run("errors", "edit", one.correlation_id, env={"EDITOR": command, "VISUAL": ""})

    assert result.exit_code == 2
    assert operator.entry(one).change.payload == one.payload


def test_retry_says_how_many_and_asks(operator, send_due):
    operator.sync(unmappable("1"), unmappable("2"))

    refused = operator.run("errors", "retry", "--kind", "mapping_failed", text="n\n")
    assert (refused.exit_code, send_due()) == (2, [])
    assert "Send 2 changes again?" in refused.output

    assert operator.run("errors", "retry", "--kind", "mapping_failed", text="y\n").exit_code == 0
    assert {each.external_id for each in send_due()} == {"1", "2"}


def test_dry_run_sends_nothing(operator, send_due):
    operator.sync(unmappable("1"))

    code, answer = operator.json("errors", "retry", "--all", "--dry-run")

    assert (code, answer) == (0, {"sent": 1, "refused": [], "reasons": {}, "is_dry_run": True})
    assert send_due() == []


def test_change_log_tells_who_has_sent_it_again(operator):
    one = unmappable("1")
    operator.sync(one)

    operator.run("errors", "retry", one.correlation_id, "--yes")

    assert operator.stack.state(one) is State.RETRYING
    assert "sent again by arn:aws:sts::" in operator.run("trace", one.correlation_id, "--json").stdout


def test_what_cannot_be_sent_again_is_named_and_ends_with_1(operator):
    unreadable = unreadable_entry("x", "no change", datetime.now(UTC))
    operator.stack.errors.log([unreadable])

    code, answer = operator.json("errors", "retry", unreadable.correlation_id, "unknown", "--yes")

    assert (code, answer["sent"], answer["refused"]) == (1, 0, sorted([unreadable.correlation_id, "unknown"]))
    assert "still no change" in answer["reasons"][unreadable.correlation_id]
    assert answer["reasons"]["unknown"] == "nobody knows it"


def _kept(operator, body):
    entry = unreadable_entry(body, "no change", datetime.now(UTC))
    LogFailures(operator.stack.errors, S3PayloadStore("payloads"))([entry])
    return entry


@pytest.mark.parametrize("note", ["", "n" * 150_000], ids=["small", "in the bucket"])
def test_message_that_this_version_can_read_is_sent_as_it_is_and_its_entry_is_resolved(operator, org, note):
    one = customer("1", payload=payload(note=note))
    operator.take_in(one)
    entry = _kept(operator, message_body(one))

    assert operator.json("errors", "retry", "--all", "--dry-run")[1]["sent"] == 1
    assert messages("inbound") == []
    code, answer = operator.json("errors", "retry", entry.correlation_id, "--yes")

    assert (code, answer["sent"], answer["refused"]) == (0, 1, [])
    (message,) = messages("inbound")
    assert message["Body"] == message_body(one)
    (kept,) = operator.stack.errors.get([entry.correlation_id])
    assert (kept.status, kept.resolved_as) == (EntryStatus.RESOLVED, State.QUEUED)
    assert "sent again by arn:aws:sts::" in operator.run("trace", one.correlation_id, "--json").stdout
    operator.stack.invoke(message["Body"])
    assert operator.stack.state(one) is State.APPLIED
    assert operator.json("errors", "retry", entry.correlation_id, "--yes")[0] == 1


def test_message_that_is_still_no_change_says_where_and_shows_no_value(operator):
    body = json.dumps({**json.loads(message_body(customer("1"))), "version": SECRET, "from": "the future"})
    entry = _kept(operator, body)

    result = operator.run("errors", "retry", entry.correlation_id, "--yes")

    assert result.exit_code == 1
    assert "version: " in result.output
    assert "from: " in result.output
    assert messages("inbound") == []


def test_message_whose_entry_was_left_open_by_a_crash_is_sent_twice_and_written_once(operator, org, monkeypatch):
    one = customer("1", payload=payload())
    operator.take_in(one)
    entry = _kept(operator, message_body(one))
    with monkeypatch.context() as patched:
        patched.setattr(DynamoDbErrorLog, "resolve", _refused)
        assert operator.run("errors", "retry", entry.correlation_id, "--yes").exit_code == 2

    assert operator.run("errors", "retry", entry.correlation_id, "--yes").exit_code == 0

    sent = [each["Body"] for each in messages("inbound")]
    assert len(sent) == 2
    for body in sent:
        operator.stack.invoke(body)
    assert len(org.records("Account")) == 1
    assert operator.stack.state(one) is State.APPLIED


def _refused(*_given):
    raise SyncError(FailureKind.AWS_UNAVAILABLE, "AWS refused")


@pytest.mark.parametrize("options", [[], ["name", "--all"], ["name", "--kind", "x"], ["--all", "--kind", "x"]])
def test_retry_wants_to_know_what(operator, options):
    expected = 0 if options == ["--all", "--kind", "x"] else 2

    assert operator.run("errors", "retry", *options, "--yes").exit_code == expected


def test_given_up_change_is_tried_no_more_and_says_who_and_why(operator, send_due):
    one = unmappable("1")
    operator.sync(one)

    code, answer = operator.json("errors", "abandon", one.correlation_id, "--reason", "a test customer", "--yes")

    assert (code, answer) == (0, {"abandoned": [one.correlation_id], "refused": []})
    assert operator.stack.state(one) is State.ABANDONED
    _, shown = operator.json("errors", "show", one.correlation_id)
    assert (shown["status"], shown["abandonment"]["because"]) == ("Abandoned", "a test customer")
    assert operator.json("errors", "retry", "--all", "--yes")[1]["sent"] == 0
    assert send_due() == []
    assert [entry.status for entry in operator.stack.errors.news(10)] == [EntryStatus.ABANDONED]


def test_given_up_change_can_be_sent_again_by_its_name(operator, send_due):
    one = unmappable("1")
    operator.sync(one)
    operator.run("errors", "abandon", one.correlation_id, "--reason", "why not", "--yes")

    operator.run("errors", "retry", one.correlation_id, "--yes")

    assert len(send_due()) == 1
    assert operator.json("errors", "show", one.correlation_id)[1]["abandonment"] is None


def test_given_up_change_is_resolved_by_a_newer_one(operator):
    one = unmappable("1")
    operator.sync(one)
    operator.run("errors", "abandon", one.correlation_id, "--reason", "why not", "--yes")

    operator.sync(customer("1", 2, payload=payload()))

    assert (operator.entry(one).status, operator.stack.state(one)) == (EntryStatus.RESOLVED, State.SUPERSEDED)


def test_retry_on_its_way_that_fails_does_not_open_what_was_given_up(operator):
    one = unmappable("1")
    operator.sync(one)
    operator.run("errors", "abandon", one.correlation_id, "--reason", "why not", "--yes")

    operator.stack.invoke(one)

    assert (operator.entry(one).status, operator.stack.state(one)) == (EntryStatus.ABANDONED, State.ABANDONED)


def test_giving_up_asks_and_wants_a_reason(operator):
    one = unmappable("1")
    operator.sync(one)

    for options, text in ((["--reason", "why"], "n\n"), (["--reason", " ", "--yes"], None), (["--yes"], None)):
        assert operator.run("errors", "abandon", one.correlation_id, *options, text=text).exit_code == 2

    assert operator.entry(one).status is EntryStatus.PENDING
    assert operator.run("errors", "abandon", "unknown", "--reason", "why", "--yes").exit_code == 1


def test_aws_that_refuses_is_one_line_and_exit_code_2(operator):
    boto3.client("dynamodb").delete_table(TableName="error-log")

    result = operator.run("errors", "list")

    assert result.exit_code == 2
    assert "ResourceNotFoundException" in result.output
