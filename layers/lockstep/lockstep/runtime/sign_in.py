"""Puts together how a function signs in."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from lockstep.runtime.settings import SignInSettings

if TYPE_CHECKING:
    import requests

    from lockstep.services.token_broker import TokenBroker

SALESFORCE_SECRET = "salesforce"  # noqa: S105 - the secret's name under the stack's prefix


def wait(seconds: float) -> None:
    """Wait while another container signs in."""
    time.sleep(seconds)


def build_sign_in(
    settings: SignInSettings, session: "requests.Session", clock: Callable[[], datetime]
) -> "TokenBroker":
    """Build the token broker; `session` is used for the token endpoint."""
    import uuid

    from lockstep.adapters.refresh_turns import DynamoDbRefreshTurns
    from lockstep.adapters.secrets import StoredConnection
    from lockstep.adapters.token_endpoint import HttpTokenEndpoint
    from lockstep.domain.instance_hosts import parse_hosts
    from lockstep.services.session_refresh import SessionRefresh
    from lockstep.services.token_broker import TokenBroker

    refresh = SessionRefresh(
        secret=StoredConnection(settings.secret_prefix, SALESFORCE_SECRET),
        endpoint=HttpTokenEndpoint(settings.salesforce_login_url, session, clock),
        turns=DynamoDbRefreshTurns(settings.lease_table),
        allowed_hosts=parse_hosts(settings.allowed_instance_hosts),
        clock=clock,
        wait=wait,
        new_owner=lambda: uuid.uuid4().hex,
    )
    return TokenBroker(refresh, clock, wait)
