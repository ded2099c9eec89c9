"""Which app in Salesforce a person signs in through, and its secret, which never stands on a command line."""

import os
from collections.abc import Mapping
from pathlib import Path

import typer

from cli.failure import CannotError, read_text

SECRET_VARIABLE = "LOCKSTEP_CLIENT_SECRET"  # noqa: S105 - its name


def chosen_client_id(secret: Mapping[str, str], given: str | None) -> str:
    """Return the client id that was given, else the stack's own, else ask for it.

    Raises:
        CannotError: Nobody answers.
    """
    client_id = given or secret.get("client_id") or _asked("Consumer key of the External Client App", is_hidden=False)
    if not client_id.strip() or not client_id.isprintable():
        raise CannotError("--client-id: the app's consumer key belongs here (Setup, External Client App Manager)")
    return client_id.strip()


def chosen_client_secret(secret: Mapping[str, str], client_id: str, file: Path | None, *, is_needed: bool) -> str:
    """Return the app's secret: from the file, the environment, the stack's own secret, or asked for without echo.

    Args:
        secret: The stack's; another app's secret in it is not taken.
        client_id: The app.
        file: Holds the secret and nothing else.
        is_needed: False lets an app have none.

    Raises:
        CannotError: Nobody answers, or it is empty and needed.
    """
    if file is not None:
        found = read_text(file).strip()
    elif os.environ.get(SECRET_VARIABLE):
        found = os.environ[SECRET_VARIABLE].strip()
    elif secret.get("client_id") == client_id and secret.get("client_secret"):
        found = secret["client_secret"]
    else:
        hint = "" if is_needed else "; Enter where the app asks for none"
        found = _asked(f"Consumer secret of the app (not shown{hint})", is_hidden=True).strip()
    if is_needed and not found:
        raise CannotError(f"the app's consumer secret is missing: --client-secret-file, or {SECRET_VARIABLE}")
    return found


def _asked(what: str, *, is_hidden: bool) -> str:
    try:
        answer: str = typer.prompt(what, hide_input=is_hidden, default="", show_default=False, err=True)
    except typer.Abort:
        raise CannotError(
            f"nobody answers here: give --client-id, and the secret by --client-secret-file or {SECRET_VARIABLE}"
        ) from None
    return answer
