"""Tell a process from a later one with the same number: the pid together with the moment it started."""

import subprocess
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
BOOT_ID = PROC / "sys/kernel/random/boot_id"


class ProcessId(NamedTuple):
    """One process for good; `started` compares only for equality."""

    pid: int
    started: str

    @property
    def is_alive(self) -> bool:
        """True while this very process runs."""
        return started(self.pid) == self.started


def started(pid: int) -> str | None:
    """Return when the process started, in a form of this machine; None where it does not run."""
    return _started_linux(pid) if BOOT_ID.exists() else _started_elsewhere(pid)


def _started_linux(pid: int) -> str | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command's name, in parentheses, may itself hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in {"Z", "X"}:
        return None
    return f"{BOOT_ID.read_text(encoding='utf-8').strip()}:{fields[19]}"  # proc(5): starttime is field 22


def _started_elsewhere(pid: int) -> str | None:
    shown = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, moment = shown.stdout.strip().partition(" ")
    return moment.strip() if state and not state.startswith("Z") else None
