"""Processes of the local stack: ended by identity, and never left behind."""

import os
import signal
import subprocess
import sys

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from local.stack import processes
from local.stack.failure import StackError
from local.stack.identity import ProcessId, started

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
# Starts a child of its own, as MiniStack starts the functions.
PARENT = [sys.executable, "-c", f"import subprocess; subprocess.run({SLEEPER!r})"]


@pytest.fixture
def service(tmp_path):
    service = processes.start("a part", PARENT, dict(os.environ), tmp_path / "log")
    yield service
    processes.end(service.id)
    service.wait_for_end()


def _group_is_gone(group):
    def is_there():
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        return True

    Retrying(stop=stop_after_delay(10), wait=wait_fixed(0.02), retry=retry_if_result(bool))(is_there)
    return not is_there()


def test_process_is_alive_until_it_is_ended_with_its_children(service):
    service.wait_until(lambda: "up" in service.log.read_text(), 10)
    assert service.id.is_alive

    processes.end(service.id)
    service.wait_for_end()

    assert not service.id.is_alive
    assert _group_is_gone(service.id.pid)


def test_other_process_with_the_same_number_is_left_alone(service):
    processes.end(ProcessId(service.id.pid, "at another time"))

    assert service.id.is_alive


def test_number_that_nobody_has_was_never_started():
    assert started(2**22 + 1) is None


def test_waiting_for_a_part_that_ends_says_so(tmp_path):
    service = processes.start(
        "a part", [sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ), tmp_path / "log"
    )

    with pytest.raises(StackError, match="a part: it ended while starting"):
        service.wait_until(lambda: False, 10)
    service.wait_for_end()


def test_command_that_fails_is_told_with_its_exit_code(tmp_path):
    command = [sys.executable, "-c", "print('because'); raise SystemExit(3)"]

    with pytest.raises(StackError, match="failed with exit code 3") as caught:
        processes.run("a part", command, dict(os.environ), tmp_path / "log")

    assert "because" in caught.value.explain()


@pytest.mark.parametrize("let_go", [False, True], ids=["on the leash", "let go"])
def test_service_outlives_a_killed_starter_only_when_it_was_let_go(tmp_path, let_go):
    starter = f"""
import os, signal
from pathlib import Path
from local.stack import processes
service = processes.start("a part", {SLEEPER!r}, dict(os.environ), Path({str(tmp_path / "log")!r}))
if {let_go}:
    service.let_go()
    service.wait_until(lambda: "up" in service.log.read_text(), 10)
print(service.id.pid, service.id.started, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    told = subprocess.run(
        [sys.executable, "-c", starter], cwd=processes.ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    assert told.returncode == -signal.SIGKILL
    pid, began = told.stdout.split()
    service = ProcessId(int(pid), began)

    if let_go:
        assert service.is_alive
        processes.end(service)
    assert _group_is_gone(service.pid)
