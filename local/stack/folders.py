"""Where a stack keeps what it writes: everything below one folder that git ignores."""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from local.stack.processes import ROOT

DEFAULT_FOLDER = ROOT / "build" / "stack"
# What `sam build` makes, apart from a production build in .aws-sam. Shared by the stacks of this checkout, so that the
# second one is built in seconds; one folder for each interpreter and platform, which the SAM CLI's cache does not know.
BUILD = ROOT / "build" / "sam" / f"{sys.implementation.cache_tag}-{platform.machine()}"


@dataclass(frozen=True, slots=True)
class Folders:
    """The parts of a stack's state folder."""

    top: Path

    @property
    def logs(self) -> Path:
        """One file for each part."""
        return self.top / "logs"

    @property
    def aws(self) -> Path:
        """What MiniStack writes."""
        return self.top / "aws"

    @property
    def org(self) -> Path:
        """The org's addresses, certificate and login."""
        return self.top / "org"

    @property
    def state_file(self) -> Path:
        """What runs: see `state`."""
        return self.top / "stack.json"

    def log(self, part: str) -> Path:
        """Return a part's log."""
        return self.logs / f"{part}.log"

    def make(self) -> None:
        """Make the folders, for this person only: the state holds secrets."""
        self.top.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True)
