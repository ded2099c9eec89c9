"""The local org's command: `python -m local.org serve`."""

import json
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from local.org.bulk.settings import BulkSettings
from local.org.bulk.worker import BulkWorker
from local.org.certificate import CertificateFiles, make_certificate
from local.org.connected_app import ConnectedApp
from local.org.org import Org, OrgSettings
from local.org.schema import Schema, SchemaError
from local.org.schema_loader import load_schema
from local.org.seed_files import SeedError, read_seeds
from local.org.server import OrgServer, start
from local.org.sessions import Credentials
from local.org.start_message import start_lines
from local.org.token_command import TokenError, fetch_token

_DEFAULTS = Credentials()

app = typer.Typer(add_completion=False, no_args_is_help=True, help="A local Salesforce org.")


@app.callback()
def main() -> None:
    """Run a local Salesforce org."""


@app.command()
def serve(  # noqa: PLR0913 - each is an option of the command
    *,
    schema: Annotated[list[Path] | None, typer.Option(help="SFDX source folder; may be given several times.")] = None,
    data: Annotated[list[Path] | None, typer.Option(help="Folder of sf data trees to start with; repeatable.")] = None,
    port: Annotated[int, typer.Option(help="HTTP port; 0 chooses a free one.")] = 0,
    tls_port: Annotated[int, typer.Option(help="HTTPS port; 0 chooses a free one.")] = 0,
    state_folder: Annotated[Path, typer.Option(help="Where org.json and the certificate go.")] = Path(".org"),
    client_id: Annotated[str, typer.Option(help="Consumer key of the connected app.")] = _DEFAULTS.client_id,
    client_secret: Annotated[str, typer.Option(help="Consumer secret.")] = _DEFAULTS.client_secret,
    refresh_token: Annotated[str, typer.Option(help="The refresh token that signs in.")] = _DEFAULTS.refresh_token,
    daily_api_requests: Annotated[int, typer.Option(min=0, help="The org's daily allocation.")] = 15_000,
    concurrent_long_calls: Annotated[int, typer.Option(min=0, help="Calls over 20 s that may run at once.")] = 5,
    rotation: Annotated[bool, typer.Option("--rotation", help="Each refresh token is good for one refresh.")] = False,
    session_s: Annotated[
        float, typer.Option(min=1, max=1e9, help="Seconds after its last use that a session ends.")
    ] = 7200,
    certificate: Annotated[Path | None, typer.Option(help="PEM file that JWT assertions are verified with.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Keep every write of every record.")] = False,
    permission_set: Annotated[list[str] | None, typer.Option(help="A permission set of the user; repeatable.")] = None,
    bulk_rows_per_s: Annotated[float, typer.Option(min=0, help="Speed of a bulk job; 0 is as fast as it can.")] = 0,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse validation rules that cannot be enforced.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not print requests.")] = False,
) -> None:
    """Serve an org on loopback over HTTP and HTTPS until SIGTERM or Ctrl-C."""
    credentials = Credentials(client_id, client_secret, refresh_token)
    settings = OrgSettings(
        credentials=credentials,
        app=_connected_app(certificate, rotation=rotation, session_s=session_s),
        daily_api_requests=daily_api_requests,
        concurrent_long_calls=concurrent_long_calls,
        keeps_history=history,
        permission_sets=tuple(permission_set or ()),
        bulk=BulkSettings(rows_per_s=bulk_rows_per_s),
    )
    org = _org(_schema(schema or [], settings, strict=strict), settings, data or [])
    files = _certificate(state_folder)
    plain = _bind(org, port, None, quiet=quiet)
    secure = _bind(org, tls_port, files, quiet=quiet)
    plain.https_port = secure.server_port
    _run(org, plain, secure, lambda: _announce(org, plain, secure, files, state_folder))


@app.command()
def token(
    state_folder: Annotated[Path, typer.Option(help="The folder that serve was given.")] = Path(".org"),
) -> None:
    """Print a new access token of a served org."""
    try:
        print(fetch_token(state_folder))
    except TokenError as error:
        _fail(str(error))


def _connected_app(certificate: Path | None, *, rotation: bool, session_s: float) -> ConnectedApp:
    app = ConnectedApp(rotation=rotation, session_s=session_s)
    if certificate is None:
        return app
    try:
        return app.changed({"certificate": certificate.read_text(encoding="utf-8")})
    except (OSError, ValueError):  # pydantic's error is a ValueError
        _fail(f"{certificate} is no readable PEM certificate or public key of an RSA key pair")


def _schema(folders: list[Path], settings: OrgSettings, *, strict: bool) -> Schema:
    try:
        schema = load_schema(folders)
    except SchemaError as error:
        _fail(f"the schema cannot be read: {error}; --schema takes an SFDX source folder such as salesforce/")
    for name in settings.permission_sets:
        if name not in schema.permission_sets:
            _fail(f"no schema folder has the permission set {name}")
    if strict and schema.refused_rules:
        _fail("validation rules that cannot be enforced (--strict):\n  " + "\n  ".join(schema.refused_rules))
    return schema


def _org(schema: Schema, settings: OrgSettings, data: list[Path]) -> Org:
    try:
        seeds = tuple(seed for folder in data for seed in read_seeds(folder))
        return Org(schema, replace(settings, seeds=seeds))
    except SeedError as error:
        _fail(f"the data cannot be loaded: {error}; --data takes a folder that `sf data export tree` wrote")


def _certificate(folder: Path) -> CertificateFiles:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return make_certificate(folder)
    except OSError as error:
        _fail(f"the state folder cannot be written: {error}")


def _bind(org: Org, port: int, certificate: CertificateFiles | None, *, quiet: bool) -> OrgServer:
    try:
        return OrgServer(org, port, certificate=certificate, quiet=quiet)
    except (OSError, OverflowError) as error:
        _fail(f"cannot listen on port {port}: {error}; choose another, or 0 for a free one")


def _run(org: Org, plain: OrgServer, secure: OrgServer, announce: Callable[[], None]) -> None:
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    threads = [start(server) for server in (plain, secure)]
    worker = BulkWorker(org)
    worker.start()
    announce()
    stopped.wait()
    worker.stop()
    for server, thread in zip((plain, secure), threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


def _announce(org: Org, plain: OrgServer, secure: OrgServer, certificate: CertificateFiles, folder: Path) -> None:
    credentials = org.settings.credentials
    facts = {
        "http_url": plain.url,
        "https_url": secure.url,
        "ca_file": str(certificate.ca.resolve()),
        "organization_id": org.settings.organization_id,
        "username": credentials.username,
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "refresh_token": credentials.refresh_token,
    }
    unfinished = folder / "org.json.part"
    unfinished.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(folder / "org.json")
    print("\n".join(start_lines(org, plain.url, secure.url, certificate.ca.resolve(), folder)), flush=True)


def _fail(message: str) -> NoReturn:
    typer.echo(f"local org: {message}", err=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    app()
