"""Starts and ends the stack's processes, each on a leash in a process group of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.stack.failure import StackError
from local.stack.identity import ProcessId, started
from local.stack.leash import RELEASE

ROOT = Path(__file__).resolve().parents[2]
LEASH = Path(__file__).with_name("leash.py")  # as a file: it needs nothing of this package
GRACE_S = 10.0
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Service:
    """A process that was started from here, and still hangs on us."""

    part: str
    process: "subprocess.Popen[bytes]"
    id: ProcessId
    log: Path

    def let_go(self) -> None:
        """Let it live on when we end."""
        if self.process.stdin:
            self.process.stdin.write(RELEASE)
            self.process.stdin.close()

    def wait_for_end(self) -> None:
        """Wait until it has ended, which it was asked to."""
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()

    def wait_until(self, is_ready: Callable[[], bool], deadline_s: float) -> None:
        """Wait until it says that it is ready.

        Raises:
            StackError: It has ended, or the deadline has passed.
        """
        until = time.monotonic() + deadline_s
        while not is_ready():
            if self.process.poll() is not None:
                raise StackError(self.part, "it ended while starting", self.log)
            if time.monotonic() > until:
                raise StackError(self.part, f"it was not ready within {deadline_s:.0f} s", self.log)
            time.sleep(LOOK_EVERY_S)


def start(part: str, command: Sequence[str | Path], env: Mapping[str, str], log: Path) -> Service:
    """Start a command on a leash, its output in the log."""
    with log.open("wb") as output:
        process = _on_leash(command, env, output)
    moment = started(process.pid)
    if moment is None:
        raise StackError(part, "it ended at once", log)
    return Service(part, process, ProcessId(process.pid, moment), log)


def run(part: str, command: Sequence[str | Path], env: Mapping[str, str], log: Path) -> None:
    """Run a command to its end; nothing of it is left whatever happens to us.

    Raises:
        StackError: Its exit code is not 0.
    """
    with log.open("wb") as output:
        process = _on_leash(command, env, output)
    try:
        code = process.wait()
    except BaseException:
        end_group(process.pid)
        raise
    finally:
        if process.stdin:
            process.stdin.close()
    if code:
        raise StackError(part, f"it failed with exit code {code}", log)


def end(process: ProcessId) -> None:
    """End the process and its group; a process that has the number by now, but is another, is left alone."""
    if process.is_alive:
        end_group(process.pid, lambda: process.is_alive)


def end_group(pid: int, is_alive: Callable[[], bool] | None = None) -> None:
    """Ask the group to end, and end it by force after the grace."""
    alive = is_alive or (lambda: started(pid) is not None)
    _signal(pid, signal.SIGTERM)
    until = time.monotonic() + GRACE_S
    while alive():
        if time.monotonic() > until:
            _signal(pid, signal.SIGKILL)
            return
        time.sleep(LOOK_EVERY_S)


def _on_leash(command: Sequence[str | Path], env: Mapping[str, str], output: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-I", LEASH, *command],
        cwd=ROOT,
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return  # it has just ended
