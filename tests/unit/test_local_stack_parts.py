"""The pure parts of the local stack: ports, batches, secrets, state, environment."""

import base64
import socket
from types import SimpleNamespace

import pytest

from local.stack import state
from local.stack.batch_windows import MOST_BYTES, Windows, batch_length
from local.stack.deploy import architecture
from local.stack.environment import clean_environment
from local.stack.failure import StackError
from local.stack.identity import ProcessId
from local.stack.ministack_patched import check, mapping_action, single_action, with_numbers, with_range
from local.stack.ports import LOOPBACK, free_port, is_free
from local.stack.sender_secrets import new_secret, new_source_secrets
from local.stack.state import OrgAccess, State


@pytest.fixture
def taken_port(socket_enabled):
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_usual_port_is_left_alone_when_somebody_listens_on_it(taken_port):
    assert not is_free(taken_port)
    assert free_port(taken_port) != taken_port


def test_usual_port_is_taken_when_it_is_free(socket_enabled):
    port = free_port()

    assert free_port(port) == port


@pytest.mark.parametrize(
    ("machine", "expected"),
    [("aarch64", "arm64"), ("arm64", "arm64"), ("x86_64", "x86_64"), ("AMD64", "x86_64")],
)
def test_machine_has_lambdas_word(machine, expected):
    assert architecture(machine) == expected


def test_nothing_of_a_real_account_reaches_the_stack():
    given = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "t",
        "PYTHONPATH": "/x",
        "HOME": "/home/me",
        "PATH": "/bin",
    }

    env = clean_environment(given)

    assert env["AWS_ACCESS_KEY_ID"] == env["AWS_SECRET_ACCESS_KEY"] == "test"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "PYTHONPATH"} & env.keys()
    assert (env["HOME"], env["PATH"]) == ("/home/me", "/bin")


def test_secrets_have_the_form_of_their_scheme():
    standard = new_secret("standard_webhooks")

    assert standard.startswith("whsec_")
    assert len(base64.b64decode(standard.removeprefix("whsec_"), validate=True)) == 32
    assert len({new_secret("shopify") for _ in range(10)}) == 10


def test_sources_that_share_a_secret_are_given_one_value(tmp_path):
    for name in ("shop", "shop-two"):
        text = f"source: {name}\nscheme: {{kind: shopify}}\nsecret: the-shops\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")

    by_source, by_name = new_source_secrets(tmp_path)

    assert by_source == {"shop": by_name["the-shops"], "shop-two": by_name["the-shops"]}


def test_state_is_read_as_it_was_written(tmp_path):
    org = OrgAccess("http://o", "https://o", "/ca", "id", "secret", "token")
    written = State({"a": ProcessId(1, "then")}, "https://aws", org, {"Output": "value"}, {"shop": "secret"})
    file = tmp_path / "stack.json"

    state.save(written, file)

    assert state.load(file) == written
    assert file.stat().st_mode & 0o077 == 0
    assert [each.name for each in tmp_path.iterdir()] == ["stack.json"]


def test_state_without_a_file_is_none(tmp_path):
    assert state.load(tmp_path / "stack.json") is None


def test_failure_says_part_reason_the_logs_end_and_where_it_is(tmp_path):
    log = tmp_path / "aws.log"
    log.write_text("\n".join(f"line {number}" for number in range(100)) + "\n\n", encoding="utf-8")

    told = StackError("the part", "the reason", log).explain()

    assert told.startswith("the part: the reason\n")
    assert "line 99" in told
    assert "line 80" not in told
    assert told.endswith(str(log))


@pytest.fixture
def clock():
    return SimpleNamespace(now=100.0, woken_after=[])


@pytest.fixture
def windows(clock):
    return Windows(lambda: clock.now, clock.woken_after.append)


def test_batch_waits_for_its_window_from_the_first_message_on(windows, clock):
    assert not windows.is_over("q", 1.0, is_full=False)
    clock.now += 0.9
    assert not windows.is_over("q", 1.0, is_full=False)
    clock.now += 0.1
    assert windows.is_over("q", 1.0, is_full=False)
    assert not windows.is_over("q", 1.0, is_full=False)
    assert clock.woken_after == [1.0, 1.0]


def test_full_batch_does_not_wait(windows):
    assert windows.is_over("q", 300.0, is_full=True)


def test_window_opens_anew_after_the_queue_was_empty(windows, clock):
    windows.is_over("q", 1.0, is_full=False)
    windows.close("q")
    clock.now += 5

    assert not windows.is_over("q", 1.0, is_full=False)


@pytest.mark.parametrize(
    ("sizes", "most", "expected"),
    [
        ([], 10, 0),
        ([1] * 5, 10, 5),
        ([1] * 11, 10, 10),
        ([MOST_BYTES], 10, 1),
        ([MOST_BYTES // 2] * 3, 10, 1),
        ([MOST_BYTES // 4] * 5, 10, 3),
    ],
    ids=["none", "all", "as many as it takes", "one that is too large goes alone", "halves", "quarters with envelopes"],
)
def test_batch_holds_what_an_invocation_takes(sizes, most, expected):
    assert batch_length(iter(sizes), most) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sqs:SendMessageBatch", "sqs:SendMessage"),
        ("sqs:SendMessage", "sqs:SendMessage"),
        ("dynamodb:BatchGetItem", "dynamodb:BatchGetItem"),
        ("logs:PutLogEventsBatch", "logs:PutLogEventsBatch"),
        (None, None),
    ],
)
def test_batch_calls_of_sqs_need_the_right_of_the_single_call(action, expected):
    assert single_action(action) == expected


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/2015-03-31/event-source-mappings/1-2", "lambda:GetEventSourceMapping"),
        ("PUT", "/2015-03-31/event-source-mappings/1-2/", "lambda:UpdateEventSourceMapping"),
        ("GET", "/2015-03-31/event-source-mappings/", "as before"),
        ("POST", "/2015-03-31/event-source-mappings/", "as before"),
        ("GET", "/2015-03-31/functions/f", "as before"),
    ],
)
def test_reading_and_changing_one_trigger_need_rights_of_their_own(method, path, expected):
    assert mapping_action("as before", method, path) == expected


@pytest.mark.parametrize("given", [{"MaximumConcurrency": "5"}, {"MaximumConcurrency": 5}])
def test_scaling_settings_become_numbers(given):
    mapping = {"UUID": "u", "ScalingConfig": given}

    assert with_numbers(mapping) == {"UUID": "u", "ScalingConfig": {"MaximumConcurrency": 5}}


def test_installed_ministack_is_the_one_that_the_replacements_know():
    check()


def test_another_ministack_is_refused(monkeypatch):
    monkeypatch.setattr("ministack.services.sqs._collect_msgs", lambda queue: [])

    with pytest.raises(RuntimeError, match=r"sqs\._collect_msgs is \(queue\)"):
        check()


def test_a_range_of_a_version_is_cut_and_loses_the_checksums_of_the_whole():
    whole = (200, {"Content-Length": "6", "x-amz-checksum-crc32": "of all", "ETag": "e"}, b"abcdef")

    status, headers, body = with_range(whole, (2, 4))

    assert (status, body) == (206, b"cde")
    assert headers == {"Content-Length": "3", "Content-Range": "bytes 2-4/6", "ETag": "e"}


@pytest.mark.parametrize("answer", [(200, {}, b"abc"), (404, {}, b"<Error/>"), (206, {}, b"b")])
def test_what_is_no_whole_object_or_not_asked_for_a_range_stays(answer):
    assert with_range(answer, None) == answer
    assert answer[0] == 200 or with_range(answer, (0, 1)) == answer
