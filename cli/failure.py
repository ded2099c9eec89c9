"""What the command cannot do, said to people."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import typer
from botocore.exceptions import BotoCoreError
from rich.console import Console

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.json_text import JsonValue, parse_json

EXIT_PROBLEMS = 1
EXIT_CANNOT = 2
_NO_CREDENTIALS = "there are no AWS credentials: set AWS_PROFILE (`lockstep mapping` takes --credentials FILE instead)"
_NO_REGION = "no AWS region is set: set AWS_DEFAULT_REGION (`lockstep mapping` takes --credentials FILE instead)"
_TOKEN_REFUSED = "AWS refuses the credentials: sign in anew, or set another AWS_PROFILE"  # noqa: S105
_REMEDY_BY_CODE = {
    "NoCredentialsError": _NO_CREDENTIALS,
    "PartialCredentialsError": _NO_CREDENTIALS,
    "ProfileNotFound": "the profile in AWS_PROFILE is not in the AWS configuration",
    "NoRegionError": _NO_REGION,
    "SSLError": "the certificate is not trusted: set REQUESTS_CA_BUNDLE to the file of its authority",
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"), _TOKEN_REFUSED),
    **dict.fromkeys(("InvalidClientTokenId", "TokenRetrievalError", "UnauthorizedSSOTokenError"), _TOKEN_REFUSED),
}
_REMEDY_BY_KIND = {
    FailureKind.ORG_UNAVAILABLE: "check the login URL and the network, then try again",
    FailureKind.OUTCOME_UNKNOWN: "check the login URL and the network, then try again",
    FailureKind.API_LIMIT_EXCEEDED: "the org's API calls of the day are spent; try again later",
}

Params = ParamSpec("Params")
Result = TypeVar("Result")


class CannotError(Exception):
    """Raised where a command cannot do its work; the text names the reason and the remedy."""


def console_for_errors() -> Console:
    """Return where messages to people go, so that the output can be piped."""
    return Console(stderr=True, soft_wrap=True)


def tells(command: Callable[Params, Result]) -> Callable[Params, Result]:
    """Let a command end with one message and exit code 2 instead of a traceback."""

    @wraps(command)
    def told(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except CannotError as exc:
            text = str(exc)
        except SyncError as exc:
            text = _text(exc)
        except BotoCoreError as exc:
            text = _REMEDY_BY_CODE.get(type(exc).__name__, f"AWS cannot be asked: {type(exc).__name__}")
        except OSError as exc:  # requests raises a bare one where a certificate's file is not there
            text = exc.strerror or str(exc)
        console_for_errors().print(f"lockstep: {text}", markup=False, highlight=False)
        raise typer.Exit(EXIT_CANNOT)

    return told


def _text(error: SyncError) -> str:
    if remedy := _REMEDY_BY_CODE.get(error.error_code or ""):
        return remedy
    code = f" ({error.error_code})" if error.error_code else ""
    remedy = _REMEDY_BY_KIND.get(error.kind)
    return f"{error.detail}{code}" + (f". {remedy[0].upper()}{remedy[1:]}" if remedy else "")


def read_text(file: Path) -> str:
    """Return a file's text.

    Raises:
        CannotError: There is none, or it is not text.
    """
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CannotError(f"{file}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not text in UTF-8"
        raise CannotError(f"{file}: cannot be read: {reason}") from None


def read_json(file: Path) -> JsonValue:
    """Return what a JSON file holds, with every digit.

    Raises:
        CannotError: As `read_text`; it is not JSON.
    """
    try:
        return parse_json(read_text(file))
    except ValueError as exc:
        raise CannotError(f"{file}: is not JSON: {exc}") from None
