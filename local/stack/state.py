"""What is known of a stack that was started: its processes, addresses and secrets, in one file."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from local.stack.identity import ProcessId


class OrgAccess(NamedTuple):
    """How to reach and sign in to the local org.

    `url` is plain HTTP, for looking at it by hand; `login_url` is what the deployed functions use.
    """

    url: str
    login_url: str
    ca_file: str
    client_id: str
    client_secret: str
    refresh_token: str


class State(NamedTuple):
    """A stack; while it is coming up only its processes are known."""

    processes: dict[str, ProcessId]
    aws_url: str = ""
    org: OrgAccess | None = None
    outputs: dict[str, str] | None = None
    secrets: dict[str, str] | None = None

    @property
    def is_complete(self) -> bool:
        """True where the start was seen through."""
        return self.org is not None and self.outputs is not None and self.secrets is not None

    @property
    def runs(self) -> bool:
        """True where it is complete and every process lives."""
        return self.is_complete and all(each.is_alive for each in self.processes.values())


def save(state: State, file: Path) -> None:
    """Write the state; whoever reads meanwhile sees the old or the new one, never a part."""
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    content = {
        **state._asdict(),
        "processes": {part: each._asdict() for part, each in state.processes.items()},
        "org": state.org._asdict() if state.org else None,
    }
    draft.write_text(json.dumps(content, indent=2), encoding="utf-8")
    draft.replace(file)


def load(file: Path) -> State | None:
    """Read the state; None where no stack was started."""
    if not file.exists():
        return None
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    processes = {part: ProcessId(**each) for part, each in content.pop("processes").items()}
    org = content.pop("org")
    return State(processes=processes, org=OrgAccess(**org) if org else None, **content)
