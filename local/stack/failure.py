"""The one exception of the local stack: which part failed, why, and where its log is."""

from pathlib import Path

LINES_SHOWN = 10
CHARACTERS_SHOWN = 1000  # of a line


class StackError(Exception):
    """A part of the stack did not start, or did not do what it was asked."""

    def __init__(self, part: str, reason: str, log: Path | None = None) -> None:
        super().__init__(f"{part}: {reason}")
        self.part = part
        self.reason = reason
        self.log = log

    def explain(self) -> str:
        """Say it to a person: the part, the reason, the end of the log and where the log is."""
        text = f"{self.part}: {self.reason}"
        if self.log is None:
            return text
        shown = "".join(f"\n    {line[:CHARACTERS_SHOWN]}" for line in last_lines(self.log, LINES_SHOWN))
        return f"{text}\n  The end of its log:{shown}\n  The whole log: {self.log}"


def last_lines(log: Path, count: int) -> list[str]:
    """Return the end of a log; nothing where there is no log yet."""
    if not log.exists():
        return []
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if line.strip()][-count:]
