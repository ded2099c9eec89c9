"""The local org's server and command."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

from local.org.schema_loader import load_schema
from local.org.server import OrgServer, start
from tests.integration.org_doors import REPOSITORY
from tests.integration.sign_in import REFRESH, assertion, jwt_form, key_pair

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def server(org):
    plain = OrgServer(org, 0)
    thread = start(plain)
    yield plain
    plain.shutdown()
    plain.server_close()
    thread.join()


def exchange(server, *parts):
    """Send raw bytes and return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        return connection.makefile("rb").readline().decode().strip()


def test_slow_answer_delays_nobody_else(server, org):
    org.plan_faults({"match": {"path_contains": "slow"}, "delay_s": 5})
    answered = threading.Event()

    def ask_slowly():
        with pytest.raises(requests.RequestException):
            requests.get(f"{server.url}/slow", timeout=1)
        answered.set()

    thread = threading.Thread(target=ask_slowly)
    thread.start()
    quick = requests.get(f"{server.url}/services/data", timeout=2)

    assert quick.status_code == 200
    assert not answered.is_set()
    thread.join()


def test_chunked_body_is_read(server, org):
    body = json.dumps({"Name": "chunked"}).encode()
    headers = {"Authorization": f"Bearer {org.open_session()}", "Content-Type": "application/json"}
    url = f"{server.url}/services/data/v66.0/sobjects/Account"

    response = requests.post(url, data=iter([body[:5], body[5:]]), headers=headers, timeout=10)

    assert response.status_code == 201
    assert org.records("Account")[0]["Name"] == "chunked"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /services/data HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /services/data HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /services/data HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /services/data HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcdefg\r\n",
        b"POST /services/data HTTP/1.1\r\nContent-Length: 999999999999999\r\n\r\n",
    ],
    ids=["negative length", "no length", "bad chunk size", "bad chunk", "endless"],
)
def test_broken_http_is_the_callers_error_and_the_server_lives(server, request_bytes):
    assert exchange(server, request_bytes).split(" ")[1] in {"400", "413"}
    assert requests.get(f"{server.url}/services/data", timeout=10).status_code == 200


def test_client_that_is_not_speaking_tls_stops_nobody(org, org_certificate):
    secure = OrgServer(org, 0, certificate=org_certificate)
    thread = start(secure)
    try:
        with socket.create_connection(("127.0.0.1", secure.server_port), timeout=10):
            answer = requests.get(f"{secure.url}/services/data", verify=str(org_certificate.ca), timeout=10)
        assert answer.status_code == 200
    finally:
        secure.shutdown()
        secure.server_close()
        thread.join()


def test_connection_is_kept_between_calls(server):
    with requests.Session() as session:
        answers = [session.get(f"{server.url}/services/data", timeout=10) for _ in range(3)]

    assert {each.headers.get("Connection", "keep-alive") for each in answers} == {"keep-alive"}
    assert {each.headers["Server"] for each in answers} == {"sfdcedge"}


def serve(*arguments):
    command = [sys.executable, "-m", "local.org", "serve", *arguments]
    return subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said_until_ready(process):
    lines = []
    while not lines or not lines[-1].startswith("org ready over HTTPS"):
        lines.append(process.stdout.readline())
        assert lines[-1], "the command has ended"
    return lines


def test_command_serves_both_schemes_and_ends_cleanly(tmp_path):
    with serve("--state-folder", str(tmp_path), "--quiet") as process:
        *_, plain, secured = said_until_ready(process)
        facts = json.loads((tmp_path / "org.json").read_text())
        form = {key: facts[key] for key in ("client_id", "client_secret", "refresh_token")}
        token = requests.post(
            f"{facts['http_url']}/services/oauth2/token", data={"grant_type": "refresh_token", **form}, timeout=10
        ).json()
        secure = requests.get(f"{facts['https_url']}/services/data", verify=facts["ca_file"], timeout=10)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (0, "")
    assert facts["http_url"] in plain
    assert facts["https_url"] in secured
    assert token["instance_url"] == facts["https_url"]
    assert secure.status_code == 200


def test_command_serves_an_app_with_rotation_and_a_key_under_either_origin(tmp_path):
    (tmp_path / "app.pem").write_text(key_pair()[1])
    options = ["--rotation", "--session-s", "60", "--certificate", str(tmp_path / "app.pem")]

    with serve("--state-folder", str(tmp_path), "--quiet", *options) as process:
        process.stdout.readline()
        facts = json.loads((tmp_path / "org.json").read_text())
        url = f"{facts['http_url']}/services/oauth2/token"
        rotated = requests.post(url, data={**REFRESH, "refresh_token": facts["refresh_token"]}, timeout=10).json()
        forms = [jwt_form(assertion(time.time(), aud=facts[name])) for name in ("http_url", "https_url")]
        by_jwt = [requests.post(url, data=form, timeout=10).status_code for form in forms]
        app = requests.get(f"{facts['http_url']}/_org/connected-app", timeout=10).json()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert "refresh_token" in rotated
    assert by_jwt == [200, 200]
    assert app["session_s"] == 60


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--schema", "{folder}/nowhere"], "nowhere: there is no such folder"),
        (["--schema", "{folder}"], "not readable XML"),
        (["--state-folder", "{folder}/file/below"], "the state folder cannot be written"),
        (["--port", "99999"], "cannot listen on port 99999"),
        (["--certificate", "{folder}/nowhere.pem"], "no readable PEM certificate or public key"),
        (["--certificate", "{folder}/file"], "no readable PEM certificate or public key"),
        (["--session-s", "nan"], "session"),
        (["--session-s", "0"], "session"),
    ],
    ids=[
        "no schema folder",
        "broken schema",
        "no state folder",
        "no such port",
        "no file",
        "no key",
        "no life",
        "short life",
    ],
)
def test_command_says_what_is_wrong(tmp_path, options, reason):
    (tmp_path / "file").touch()
    fields = tmp_path / "objects/Account/fields"
    fields.mkdir(parents=True)
    (fields / "X__c.field-meta.xml").write_text("<CustomField>")
    given = [option.format(folder=tmp_path) for option in options]

    with serve("--state-folder", str(tmp_path / "state"), *given) as process:
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 2
    assert reason in errors
    assert "Traceback" not in errors


def test_standard_objects_need_no_folder():
    assert {"Account", "Contact", "Order", "User"} <= set(load_schema([]).objects)
