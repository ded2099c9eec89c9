"""Says what is being done while it is being done: a spinner in a terminal, lines elsewhere."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from local.stack.failure import last_lines

SPINNER_EVERY_S = 0.5
LINE_EVERY_S = 5.0
LOG_LINE_SHOWN = 70


class Progress:
    """Steps, each with its duration."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, title: str, log: Path | None = None) -> Iterator[None]:
        """Show that something is done, how long it takes, and the last line of its log."""
        begun = time.monotonic()
        with _ticking(lambda: self._tick(title, begun, log), self._every_s), self._spinning(title):
            yield
        self.console.print(f"  [green]✓[/] {title} [dim]({time.monotonic() - begun:.1f} s)[/]")

    @property
    def _every_s(self) -> float:
        return SPINNER_EVERY_S if self.console.is_terminal else LINE_EVERY_S

    @contextmanager
    def _spinning(self, title: str) -> Iterator[None]:
        if not self.console.is_terminal:
            self.console.print(f"  … {title}")
            yield
            return
        with self.console.status(title) as self._status:
            yield

    def _tick(self, title: str, begun: float, log: Path | None) -> None:
        lines = last_lines(log, 1) if log else []
        tail = f" [dim]{_plain(lines[0])}[/]" if lines else ""
        text = f"{title} ({time.monotonic() - begun:.0f} s){tail}"
        if self.console.is_terminal:
            self._status.update(text)
        else:
            self.console.print(f"    … {text}")


def _plain(line: str) -> str:
    return line.strip()[:LOG_LINE_SHOWN].replace("[", r"\[")


@contextmanager
def _ticking(tick: Callable[[], None], every_s: float) -> Iterator[None]:
    done = threading.Event()

    def run() -> None:
        while not done.wait(every_s):
            tick()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
