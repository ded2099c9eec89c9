"""The window to look through, in headless Chromium: no script runs, and an accessibility checker has nothing to say."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conformance.served_org import served_org

SCRIPT = Path(__file__).parent / "browser" / "window.mjs"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
MOST_S = 120


@pytest.fixture
def chromium():
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    return found


@pytest.fixture
def org(build_folder):
    """An org of its own: the pages tell how many records there are."""
    with served_org(build_folder / "window-org") as served:
        yield served


@pytest.fixture
def record_id(org):
    """120 accounts, one of them with a hostile name, a refused call and a fault in force."""
    session = org.session()
    session.headers["Authorization"] = f"Bearer {org.access_token()}"
    base = f"{org.url}/services/data/v66.0"
    names = [HOSTILE, *(f"Account {n}" for n in range(119))]
    rows = [{"attributes": {"type": "Account"}, "Name": name, "Phone": "1"} for name in names]
    created = session.post(f"{base}/composite/sobjects", json={"records": rows}, timeout=20).json()
    session.post(f"{base}/sobjects/Account", json={}, timeout=20)
    session.post(f"{base}/jobs/ingest", json={"object": "Account", "operation": "insert"}, timeout=20)
    org.control("POST", "faults", [{"match": {"path_contains": "/query"}, "error_code": "SERVER_UNAVAILABLE"}])
    return created[0]["id"]


def test_window_works_without_scripts_and_for_everybody(org, record_id, chromium, npm_clients, build_folder, tmp_path):
    facts = {"url": org.facts["http_url"], "record": record_id, "hostile": HOSTILE, "executable": chromium}
    environment = {"CLIENTS": str(npm_clients.folder), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    environment["WINDOW"] = json.dumps({**facts, "pictures": str(build_folder)})
    command = [str(npm_clients.node), str(SCRIPT)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=MOST_S, check=False)

    assert not finished.returncode, finished.stderr
