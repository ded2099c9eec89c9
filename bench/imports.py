"""What the webhook function's import costs beside `import simple_salesforce`, in fresh interpreters, taken in turn."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Figure

ROOT = Path(__file__).parents[1]
PAIRS = 11


def measure() -> list[Figure]:
    """Import both in turn; the bare interpreter's time is taken off each."""
    bare, ours, theirs = [], [], []
    for _ in range(PAIRS):
        bare.append(_seconds("pass"))
        ours.append(_seconds("import functions.webhook.handler"))
        theirs.append(_seconds("import simple_salesforce"))
    own = [(each - empty) * 1000 for each, empty in zip(ours, bare, strict=True)]
    client = [(each - empty) * 1000 for each, empty in zip(theirs, bare, strict=True)]
    return [
        Figure("import of the webhook function", statistics.median(own), "ms"),
        Figure("import of simple_salesforce", statistics.median(client), "ms"),
        Figure(
            "import, webhook : simple_salesforce",
            statistics.median(a / b for a, b in zip(own, client, strict=True)),
            "ratio",
            "<=",
            0.5,
        ),
    ]


def _seconds(code: str) -> float:
    paths = os.pathsep.join(str(ROOT / folder) for folder in (".", "layers/lockstep", "layers/config"))
    started_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": paths}, cwd=ROOT)
    return time.perf_counter() - started_s
