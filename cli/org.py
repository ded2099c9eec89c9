"""Signs in to the org as the functions do: with the stack's secret, or with a file's."""

import json
import os
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.failure import CannotError, read_json
from cli.stack import DeployedStack, chosen_stack
from lockstep.adapters import salesforce_session
from lockstep.adapters.refresh_turns import DynamoDbRefreshTurns
from lockstep.adapters.salesforce import SalesforceRest
from lockstep.adapters.secrets import StoredConnection
from lockstep.adapters.token_endpoint import HttpTokenEndpoint
from lockstep.domain.instance_hosts import parse_hosts
from lockstep.ports.org import DescribeSource
from lockstep.ports.sign_in import ConnectionSecret, RefreshTurns, TokenEndpoint, Turn
from lockstep.runtime.sign_in import SALESFORCE_SECRET
from lockstep.services.session_refresh import SessionRefresh
from lockstep.services.token_broker import TokenBroker

DEFAULT_LOGIN_URL = "https://login.salesforce.com"


@dataclass(frozen=True, slots=True)
class OrgOptions:
    """Where the org and its credentials are."""

    credentials: Path | None
    state_folder: Path | None
    stack: str
    login_url: str | None
    api_version: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one signs in: the secret, who else may refresh, the address, and hosts beside Salesforce's."""

    secret: ConnectionSecret
    turns: RefreshTurns
    login_url: str
    allowed_hosts: frozenset[str]


class FileSecret:
    """Implements `ConnectionSecret` with a JSON file; what is no text in it stays as it is.

    Args:
        file: An object with the keys of a grant.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.name = str(file)

    def read(self) -> Mapping[str, str]:
        """Return its texts."""
        return {key: value for key, value in _object(self._file).items() if isinstance(value, str)}

    def write(self, content: Mapping[str, str]) -> None:
        """Write it, so that nobody sees half of a file."""
        others = {key: value for key, value in _object(self._file).items() if not isinstance(value, str)}
        draft = self._file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({**others, **content}, indent=2), encoding="utf-8")
        draft.replace(self._file)


class NobodyElse:
    """Implements `RefreshTurns` for a file: one person signs in with it."""

    def take(self, owner: str, lease_s: int, now: datetime) -> Turn | None:
        """Give the turn."""
        return Turn()

    def mark(self, owner: str, mark: str) -> bool:
        """Keep nothing; nobody will ask."""
        return True

    def end(self, owner: str, *, forgets_mark: bool, spent: str = "") -> None:
        """Keep nothing."""


@contextmanager
def connected(options: OrgOptions) -> Iterator[DescribeSource]:
    """Give the org; it signs in with the first question.

    Raises:
        CannotError: The credentials cannot be found.
        SyncError: AWS refuses.
    """
    with salesforce_session.TimeLimitedSession() as session:
        place = _place(options, session)
        endpoint = HttpTokenEndpoint(_checked(place.login_url), session, utc_now)
        sign_in = new_broker(place.secret, endpoint, place.turns, place.allowed_hosts)
        yield SalesforceRest(sign_in, options.api_version, session)


def new_broker(
    secret: ConnectionSecret, endpoint: TokenEndpoint, turns: RefreshTurns, allowed_hosts: Collection[str]
) -> TokenBroker:
    """Return what gives sessions as the functions get theirs: by turns, so that no refresh token is spent twice."""
    refresh = SessionRefresh(
        secret=secret,
        endpoint=endpoint,
        turns=turns,
        allowed_hosts=allowed_hosts,
        clock=utc_now,
        wait=time.sleep,
        new_owner=lambda: uuid.uuid4().hex,
    )
    return TokenBroker(refresh, utc_now, time.sleep)


def _place(options: OrgOptions, session: salesforce_session.TimeLimitedSession) -> _Place:
    if options.credentials:
        url = str(options.login_url or _object(options.credentials).get("login_url") or DEFAULT_LOGIN_URL)
        return _Place(FileSecret(options.credentials), NobodyElse(), url, _host(url))
    stack = chosen_stack(options.stack, options.state_folder)
    if stack.local is not None:
        if not Path(stack.local.ca_file).is_file():
            raise CannotError(f"{stack.local.ca_file}: there is no such file; start the local stack with `make up`")
        session.verify, session.trust_env = stack.local.ca_file, False
    return _of_the_stack(stack, options.login_url)


def _of_the_stack(stack: DeployedStack, login_url: str | None) -> _Place:
    """Sign in as the stack's functions do, in turn with them."""
    return _Place(
        StoredConnection(stack.secret_prefix, SALESFORCE_SECRET, stack.client("secretsmanager")),
        DynamoDbRefreshTurns(stack.physical_id("LeaseTable"), stack.client("dynamodb")),
        login_url or stack.login_url,
        parse_hosts(stack.parameter_or("AllowedInstanceHosts", "")) | _host(login_url or ""),
    )


def _host(url: str) -> frozenset[str]:
    """Allow the host that somebody has named by hand: it gets the credentials anyway."""
    host = urlsplit(url).hostname
    return frozenset({host} if host else ())


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


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
