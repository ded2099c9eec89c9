"""CPU time and peak memory of processes, read from Linux's /proc while they live."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_FUNCTION = b"AWS_LAMBDA_FUNCTION_NAME="


@dataclass(frozen=True, slots=True)
class Use:
    """What a process has used: CPU seconds since its start, and its largest resident size ever, in MiB."""

    name: str
    cpu_s: float
    peak_mib: float


class Watch:
    """Looks at all processes below some others, again and again.

    Args:
        roots: Process ids and the names of their parts. Below them a Lambda function is known by its variable.
        from_start: What they have used before counts too.
    """

    def __init__(self, roots: Mapping[int, str], *, from_start: bool = False) -> None:
        self._roots = roots
        self._seen: dict[int, Use] = {}
        self.look()
        self._begun = {} if from_start else {pid: use.cpu_s for pid, use in self._seen.items()}

    def look(self) -> None:
        """Note what each process has used so far."""
        for pid, name in list(_below(self._roots)):
            use = _use(pid, name)
            if use is not None:
                self._seen[pid] = use

    def uses(self) -> dict[str, Use]:
        """Return by part: CPU seconds of all its processes since the watch began, and the largest peak of one."""
        parts: dict[str, Use] = {}
        for pid, use in self._seen.items():
            cpu_s = use.cpu_s - self._begun.get(pid, 0.0)
            before = parts.get(use.name, Use(use.name, 0.0, 0.0))
            parts[use.name] = Use(use.name, before.cpu_s + cpu_s, max(before.peak_mib, use.peak_mib))
        return parts

    @contextmanager
    def looking(self, every_s: float = 0.25) -> Iterator[None]:
        """Look until the block ends."""
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(every_s):
                self.look()

        thread = threading.Thread(target=look, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.look()


def _below(roots: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Give every process at or below the roots with the name of its part."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (parent := _parent(int(entry.name))) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    open_ends = list(roots.items())
    while open_ends:
        pid, name = open_ends.pop()
        own = _function(pid) or name
        yield pid, own
        open_ends += [(child, own) for child in children.get(pid, [])]


def _stat(pid: int) -> list[str] | None:
    try:
        # The name in brackets may hold spaces and brackets; what follows does not.
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _parent(pid: int) -> int | None:
    stat = _stat(pid)
    return int(stat[1]) if stat else None


def _function(pid: int) -> str | None:
    try:
        variables = (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    return next((each.removeprefix(_FUNCTION).decode() for each in variables if each.startswith(_FUNCTION)), None)


def _use(pid: int, name: str) -> Use | None:
    stat = _stat(pid)
    try:
        status = (_PROC / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    peak_kib = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return Use(name, (int(stat[11]) + int(stat[12])) / _TICKS_PER_S, peak_kib / 1024) if stat else None
