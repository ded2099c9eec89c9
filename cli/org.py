"""Signs in to the org as the functions do: with the stack's secret, the local stack's, or a file's."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.failure import CannotError, read_json
from lockstep.adapters import salesforce_session
from lockstep.adapters.salesforce import SalesforceRest
from lockstep.adapters.salesforce_session import RefreshTokenSignIn, StoredCredentials
from lockstep.ports import DescribeSource

DEFAULT_LOGIN_URL = "https://login.salesforce.com"
_SECRET = "salesforce"  # noqa: S105 - its name
_KEYS = ("client_id", "client_secret", "refresh_token")


@dataclass(frozen=True, slots=True)
class OrgOptions:
    """Where the org and its credentials are."""

    credentials: Path | None
    state_folder: Path | None
    stack: str
    login_url: str | None
    api_version: str


class FileCredentials:
    """Implements `StoredCredentials` with a JSON file; a refresh token that is replaced is written back.

    Args:
        file: An object with client_id, refresh_token and, where the app has one, client_secret.
        content: What it holds.
    """

    def __init__(self, file: Path, content: Mapping[str, Any]) -> None:
        self._file = file
        self._content = dict(content)

    def get(self, name: str) -> Mapping[str, str]:
        """Return the credentials."""
        return {key: self._content[key] for key in _KEYS if isinstance(self._content.get(key), str)}

    def put(self, name: str, value: Mapping[str, str]) -> None:
        """Write them, so that nobody sees half of a file."""
        self._content |= value
        draft = self._file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self._content, indent=2), encoding="utf-8")
        draft.replace(self._file)

    def forget(self, name: str) -> None:
        """Keep them: nobody else writes the file."""


class LocalCredentials(FileCredentials):
    """The local stack's; its org never replaces a refresh token, and its state is not ours to write."""

    def put(self, name: str, value: Mapping[str, str]) -> None:
        """Change nothing."""


@contextmanager
def connected(options: OrgOptions) -> Iterator[DescribeSource]:
    """Give the org; it signs in with the first question.

    Raises:
        CannotError: The credentials cannot be found.
        SyncError: AWS refuses.
    """
    with salesforce_session.TimeLimitedSession() as session:
        credentials, login_url = _credentials(options, session)
        sign_in = RefreshTokenSignIn(credentials, _SECRET, _checked(login_url), session)
        yield SalesforceRest(sign_in, options.api_version, session)


def _credentials(options: OrgOptions, session: salesforce_session.TimeLimitedSession) -> tuple[StoredCredentials, str]:
    if options.credentials:
        content = _object(options.credentials)
        url = options.login_url or content.get("login_url")
        return FileCredentials(options.credentials, content), str(url or DEFAULT_LOGIN_URL)
    if options.state_folder:
        file = options.state_folder / "stack.json"
        org = _object(file).get("org")
        if not isinstance(org, dict) or not {"ca_file", "login_url"} <= org.keys():
            raise CannotError(f"{file}: the local stack is not up; start it with `make up`")
        session.verify, session.trust_env = str(org["ca_file"]), False
        return LocalCredentials(file, org), options.login_url or str(org["login_url"])
    return _of_the_stack(options)


def _of_the_stack(options: OrgOptions) -> tuple[StoredCredentials, str]:
    from lockstep.adapters.secrets import SecretsManagerSecrets

    return SecretsManagerSecrets(f"{options.stack}/", 300), options.login_url or _deployed_login_url(options.stack)


def _deployed_login_url(stack: str) -> str:
    """Return the stack's own parameter: a sandbox's stack must not be compared with production."""
    import boto3

    from lockstep.adapters.aws import CLIENT_CONFIG, aws_errors

    with aws_errors(f"describing the stack {stack}; name the org with --login-url"):
        answer = boto3.client("cloudformation", config=CLIENT_CONFIG).describe_stacks(StackName=stack)
    parameters = answer["Stacks"][0].get("Parameters", [])
    found = {each.get("ParameterKey"): each.get("ParameterValue") for each in parameters}
    return found.get("SalesforceLoginUrl") or DEFAULT_LOGIN_URL


def _checked(login_url: str) -> str:
    if not login_url.startswith("https://"):
        raise CannotError(f"--login-url {login_url}: must begin with https://")
    return login_url


def _object(file: Path) -> dict[str, Any]:
    if not os.access(file, os.R_OK):
        raise CannotError(f"{file}: there is no such file, or it cannot be read")
    content = read_json(file)
    if not isinstance(content, dict):
        raise CannotError(f"{file}: a JSON object belongs here")
    return content
