"""Progress bars in a terminal; a line every few seconds elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LINE_EVERY_S = 5.0


@contextmanager
def bar(console: Console, title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of the total are done; yields what takes the number."""
    if not console.is_terminal:
        console.print(f"  … {title}")
        yield _lines(console, total)
    else:
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(title, total=total)
            yield lambda done: progress.update(task, completed=done)
    console.print(f"  [green]✓[/] {title}")


def _lines(console: Console, total: int) -> Callable[[int], None]:
    last = [time.monotonic()]

    def show(done: int) -> None:
        if time.monotonic() - last[0] >= LINE_EVERY_S:
            last[0] = time.monotonic()
            console.print(f"    … {done} of {total}")

    return show
