"""The person at the desk: types the commands that anybody would type, and they are shown as typed."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from local.demo.sources import FIT_INDUSTRY, UNFIT_INDUSTRY
from local.stack import Stack
from local.stack.environment import clean_environment
from local.stack.processes import ROOT

ENDS_WITHIN_S = 60.0
_SHOWN_COLUMNS = "110"


@dataclass(frozen=True, slots=True)
class Typed:
    """A command's output, and how it ended."""

    command: str
    exit_code: int
    output: str
    complaint: str


class Operator:
    """Uses the command `lockstep` of this checkout on the running stack."""

    def __init__(self, stack: Stack, console: Console) -> None:
        self._folder = stack.folders.top
        self._console = console
        self.failed: list[Typed] = []

    def mend(self, correlation_id: str) -> None:
        """Look at a failure, put its payload right, and send it again."""
        self.show(self.type("errors", "list"))
        shown = self.type("errors", "show", correlation_id, "--json")
        if shown.exit_code:
            return
        entry = json.loads(shown.output)
        self.say(f"what to do: {entry['detail']}")
        payload = self._folder / "payload.json"
        payload.write_text(mended(entry["payload"]), encoding="utf-8")
        self.say(f"payload.json: the same with {FIT_INDUSTRY} for {UNFIT_INDUSTRY}; without --payload it is $EDITOR's")
        self.show(self.type("errors", "edit", correlation_id, "--payload", short_path(payload)))
        self.show(self.type("errors", "retry", correlation_id, "--yes"))

    def account(self) -> Typed:
        """Have the books counted."""
        books = self.type("account")
        self.show(books)
        return books

    def type(self, *words: str, expected: int = 0, within_s: float = ENDS_WITHIN_S) -> Typed:
        """Run a command as typed; any exit code but the expected one is a failure of the demo."""
        typed = ("./lockstep", *words, "--state-folder", short_path(self._folder))
        command = " ".join(typed)
        self._console.print(f"    [bold]$ {command}[/]")
        # Wide enough for a correlation ID and what is said of it.
        env = clean_environment() | {"COLUMNS": _SHOWN_COLUMNS}
        ended = subprocess.run(typed, cwd=ROOT, env=env, capture_output=True, text=True, timeout=within_s, check=False)
        told = Typed(command, ended.returncode, ended.stdout, ended.stderr)
        if told.exit_code != expected:
            self.failed.append(told)
            self.say(told.complaint)
        return told

    def show(self, typed: Typed) -> None:
        """Show what the command has printed."""
        self.say(typed.output)

    def say(self, text: str) -> None:
        """Show a text below the command."""
        for line in text.rstrip().splitlines():
            self._console.print(f"      {line}", markup=False)


def mended(payload: str) -> str:
    """Return the payload with a value that the picklist takes."""
    return payload.replace(f'"{UNFIT_INDUSTRY}"', f'"{FIT_INDUSTRY}"')


def short_path(path: Path) -> str:
    """Return the path as somebody in the checkout would type it."""
    return os.path.relpath(path, ROOT) if path.is_relative_to(ROOT) else str(path)
