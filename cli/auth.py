"""`lockstep auth`: sign a stack in to its org, and look at the connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import auth_login
from cli.auth_connection import StackSecret, probe_circuit
from cli.auth_login import AppOptions, BrowserOptions
from cli.auth_settle import Desk, Settled
from cli.auth_status import read_status
from cli.callback import DEFAULT_PORT
from cli.failure import tells
from cli.options import AsJson
from cli.org import utc_now
from cli.shown import print_json
from cli.stack import DEFAULT_STACK, StackName, StateFolder, chosen_stack
from lockstep.adapters import salesforce_session
from lockstep.adapters.token_endpoint import HttpTokenEndpoint
from lockstep.domain.json_text import dump_json

app = typer.Typer(no_args_is_help=True, help="Sign a stack in to its org, and look at the connection.")

ClientId = Annotated[
    str | None,
    typer.Option(envvar="LOCKSTEP_CLIENT_ID", help="Consumer key of the External Client App; else the stack's own."),
]
ClientSecretFile = Annotated[
    Path | None,
    typer.Option(help="Holds the consumer secret. Else LOCKSTEP_CLIENT_SECRET, the stack's own, or it is asked for."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing, even where the stack has served another org.")]


@app.command()
@tells
def login(  # noqa: PLR0913 - each is an option of the command
    *,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
    client_id: ClientId = None,
    client_secret_file: ClientSecretFile = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the callback URL that the app has.")] = DEFAULT_PORT,
    browser: Annotated[bool, typer.Option(help="Without one the address is printed, and the answer is pasted.")] = True,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for the browser to come back.")] = 300,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Sign in through the browser; what waits goes on by itself."""
    options = BrowserOptions(port, uses_browser=browser, time_limit_s=timeout)
    with _desk(stack, state_folder, as_json=as_json) as desk:
        _show(auth_login.log_in(desk, AppOptions(client_id, client_secret_file), options, agrees=yes), as_json=as_json)


@app.command()
@tells
def jwt(
    *,
    username: Annotated[str, typer.Option(help="The integration user, pre-authorized for the app.")],
    private_key_file: Annotated[Path, typer.Option(help="RSA key, PEM, unencrypted; its certificate is in the app.")],
    audience: Annotated[str, typer.Option(help="Where it is not the login URL.")] = "",
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
    client_id: ClientId = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Sign in with a private key (JWT bearer), and store the key for the functions."""
    with _desk(stack, state_folder, as_json=as_json) as desk:
        settled = auth_login.use_private_key(
            desk, AppOptions(client_id, None), username, private_key_file, audience=audience, agrees=yes
        )
        _show(settled, as_json=as_json)


@app.command("client-credentials")
@tells
def client_credentials(
    *,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
    client_id: ClientId = None,
    client_secret_file: ClientSecretFile = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Sign in as the app itself (client credentials), and store its key and secret for the functions."""
    with _desk(stack, state_folder, as_json=as_json) as desk:
        settled = auth_login.use_client_credentials(desk, AppOptions(client_id, client_secret_file), agrees=yes)
        _show(settled, as_json=as_json)


@app.command()
@tells
def status(
    *,
    stack: StackName = DEFAULT_STACK,
    state_folder: StateFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show the connection and the circuit: exit code 0 healthy, 1 not, 2 cannot tell."""
    with _desk(stack, state_folder, as_json=as_json) as desk:
        found = read_status(desk, utc_now())
        if as_json:
            typer.echo(dump_json(found.as_json()))
        else:
            for name, value in found.lines():
                desk.say(f"{name:<16} {value}")
            if found.problem:
                desk.say(f"\n{found.problem}")
    raise typer.Exit(int(found.verdict))


@app.command()
@tells
def probe(*, as_json: AsJson = False, stack: StackName = DEFAULT_STACK, state_folder: StateFolder = None) -> None:
    """Try an open circuit's connection now instead of at its time: the monitor closes it where the org answers."""
    with _desk(stack, state_folder, as_json=as_json) as desk:
        circuit, is_woken = probe_circuit(desk.stack)
        if as_json:
            print_json({"circuit": circuit.position, "reason": circuit.reason, "is_monitor_woken": is_woken})
        if circuit.is_closed:
            desk.say("The circuit is closed: nothing waits for a probe.")
        else:
            desk.say(f"The circuit is {circuit.position} ({circuit.reason}: {circuit.detail}).")
            when = "now" if is_woken else "within a minute"
            desk.say(f"The monitor tries the connection {when}; `lockstep auth status` shows what it found.")


def _show(settled: Settled, *, as_json: bool) -> None:
    """Print what programs are told; people were told on the way."""
    if as_json:
        print_json(settled.as_json())


@contextmanager
def _desk(stack_name: str, state_folder: Path | None, *, as_json: bool) -> Iterator[Desk]:
    stack = chosen_stack(stack_name, state_folder)
    with salesforce_session.TimeLimitedSession() as session:
        if stack.local is not None:
            session.verify, session.trust_env = stack.local.ca_file, False
        endpoint = HttpTokenEndpoint(stack.login_url, session, utc_now)
        yield Desk(stack, session, StackSecret(stack), endpoint, Console(stderr=as_json))
