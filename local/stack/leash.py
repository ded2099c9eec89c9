"""Runs a command, and ends it when whoever started it is gone without having let it go.

`leash.py COMMAND …` is the leader of a process group of its own, with the command and its children
in it. Its standard input is the leash: `RELEASE` lets the command live on after the starter's end, an end of file
without it (the starter has crashed, or was killed) ends the whole group.
"""

import os
import signal
import subprocess
import sys
import threading

RELEASE = b"release\n"
GRACE_S = 5.0


def _end_group() -> None:
    os.killpg(0, signal.SIGTERM)


def _watch(child: "subprocess.Popen[bytes]") -> None:
    if sys.stdin.buffer.readline() == RELEASE:
        return
    _end_group()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(0, signal.SIGKILL)


def main(command: list[str]) -> int:
    """Run the command; return its exit code."""
    # Not SIG_IGN: the command would inherit that. The leash outlives the group's end to see it through.
    signal.signal(signal.SIGTERM, lambda *_: None)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    code = child.wait()
    _end_group()  # what the command left behind
    return code


if __name__ == "__main__":
    # os._exit: the watching thread may hold the lock of standard input.
    os._exit(main(sys.argv[1:]) & 0xFF)
