"""The clients from the npm registry, with a Node.js that is new enough for them, installed below `build/`."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_LISTS = ("package.json", "package-lock.json")
_FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_MOST_S = 600


class SetupError(Exception):
    """The clients cannot be installed or do not run."""


@dataclass(frozen=True, slots=True)
class NpmClients:
    """A Node.js and the folder whose `node_modules` holds the clients."""

    node: Path
    folder: Path

    @property
    def sf(self) -> list[str]:
        """The command line that starts the Salesforce CLI."""
        return [str(self.node), str(self.folder / "node_modules/@salesforce/cli/bin/run.js")]


def install(folder: Path) -> NpmClients:
    """Install what the lock file names, or nothing where that is there already.

    Raises:
        SetupError: npm is missing or fails.
    """
    stamp = folder / "installed.json"
    wanted = (HERE / "package-lock.json").read_bytes()
    if not stamp.is_file() or stamp.read_bytes() != wanted:
        stamp.unlink(missing_ok=True)
        _npm_ci(folder)
        stamp.write_bytes(wanted)
    return NpmClients(_node(folder / "node_modules"), folder)


def _npm_ci(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise SetupError("npm is needed to install jsforce and sf; Node.js brings it (Debian: apt-get install npm)")
    folder.mkdir(parents=True, exist_ok=True)
    for name in _LISTS:
        shutil.copyfile(HERE / name, folder / name)
    finished = subprocess.run(
        [npm, "ci", *_FLAGS], cwd=folder, capture_output=True, text=True, timeout=_MOST_S, check=False
    )
    if finished.returncode:
        raise SetupError(f"npm ci failed in {folder}:\n{finished.stdout}{finished.stderr}")


def _node(modules: Path) -> Path:
    """Return the Node.js that npm installed for this machine, else the one on the path."""
    found = next(iter(sorted(modules.glob("node-*/bin/node"))), None) or shutil.which("node")
    if found is None:
        raise SetupError("no Node.js: the npm registry has none for this machine and none is on the path")
    return Path(found)
