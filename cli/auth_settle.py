"""From a granted session to stored credentials and a closed circuit, whatever the grant was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import requests
import typer
from rich.console import Console

from cli.auth_connection import Closed, StackSecret, allowed_hosts, close_circuit, replacing, waiting_changes
from cli.auth_org import OrgFacts, ask_org, other_org
from cli.failure import CannotError
from cli.org import utc_now
from cli.stack import PRODUCTION, SANDBOX, STAGE, DeployedStack
from lockstep.adapters.token_endpoint import HttpTokenEndpoint
from lockstep.domain.connection import AccessToken, TokenAnswer, with_end
from lockstep.domain.credentials import read_credentials
from lockstep.domain.failures import SyncError
from lockstep.domain.instance_hosts import check_instance_url

# Given what the secret holds and who answered, returns what it should hold.
NewContent = Callable[[Mapping[str, str], OrgFacts], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every way to sign in needs."""

    stack: DeployedStack
    session: requests.Session
    secret: StackSecret
    endpoint: HttpTokenEndpoint
    console: Console

    def say(self, text: str) -> None:
        """Print for people; an org's name could hold what a terminal obeys."""
        shown = "".join(each if each.isprintable() or each == "\n" else "?" for each in text)
        self.console.print(shown, markup=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Settled:
    """Who is signed in now, whether the circuit was open until then, and about how many changes wait, if known."""

    facts: OrgFacts
    circuit_was_open: bool
    waiting: int | None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        facts = self.facts
        return {
            "org_id": facts.org_id,
            "username": facts.username,
            "org_kind": facts.kind,
            "circuit_was_open": self.circuit_was_open,
            "waiting": self.waiting,
        }


def settle(desk: Desk, answer: TokenAnswer, new_content: NewContent, *, agrees: bool) -> Settled:
    """Say which org it is, ask where that is a surprise, store the credentials, and let the lanes go on.

    Args:
        desk: Where.
        answer: The session that was just granted: the credentials work.
        new_content: What to store.
        agrees: True asks nothing.

    Raises:
        CannotError: The person does not agree; nothing was changed.
        SyncError: The org or AWS refuses.
    """
    # Before the token goes anywhere: the address came from outside.
    check_instance_url(answer.instance_url, allowed_hosts(desk.stack))
    facts = ask_org(desk.endpoint, desk.session, AccessToken(answer.access_token, answer.instance_url))
    desk.say(f"Signed in to {facts}.")
    for doubt in _doubts(desk.stack, desk.secret.read(), facts):
        desk.say(doubt)
        if not agrees and not _confirmed():
            is_back = _revoke(desk, answer.instance_url, answer.refresh_token or answer.access_token)
            raise CannotError(f"nothing was changed{', and the sign-in was taken back' if is_back else ''}")
    with replacing(desk.stack, desk.secret) as former:
        desk.secret.write(_ending(desk, answer, new_content(former, facts)))
    desk.say(f"The credentials of the stack {desk.stack} are stored in the secret {desk.secret.name}.")
    _end_former(desk, former, facts)
    closed = close_circuit(desk.stack, f"lockstep auth, signed in as {facts.username}")
    return Settled(facts, closed.was_open, _tell_what_comes(desk, closed))


def _doubts(stack: DeployedStack, secret: Mapping[str, str], facts: OrgFacts) -> list[str]:
    """Return why this may be the wrong org; one stack serves one org."""
    doubts = []
    if other := other_org(secret, facts):
        doubts.append(
            f"The stack {stack} has served another org so far: {other}. From now on its changes, those that wait "
            f"included, would go to {facts.org_id}; what is in {other} stays there."
        )
    stage = stack.parameter_or(STAGE, "")
    if (stage, facts.kind) in ((PRODUCTION, SANDBOX), (SANDBOX, PRODUCTION)):
        doubts.append(f"The stack {stack} is meant for {stage}, and this org is {facts.kind}.")
    return doubts


def _confirmed() -> bool:
    try:
        return typer.confirm("Is that what you want?", err=True)
    except typer.Abort:
        return False


def _ending(desk: Desk, answer: TokenAnswer, content: Mapping[str, str]) -> Mapping[str, str]:
    """Add the session's end where Salesforce tells it, so that it is renewed before."""
    remaining_s = desk.endpoint.remaining_s(read_credentials(content, desk.secret.name), answer)
    return content if remaining_s is None else with_end(content, utc_now() + timedelta(seconds=remaining_s))


def _end_former(desk: Desk, former: Mapping[str, str], facts: OrgFacts) -> None:
    """End the session that the containers still hold, where it is of another org or user: they would go on with it."""
    token, instance_url = former.get("access_token"), former.get("instance_url")
    if not token or not instance_url:
        return
    if other_org(former, facts) is None and former.get("username", facts.username) == facts.username:
        return
    if not _revoke(desk, instance_url, token):
        desk.say(
            f"The former session at {instance_url} could not be ended. Functions that run keep to it until it ends: "
            "revoke it there (Setup, OAuth usage of the app), or deploy the stack anew."
        )


def _revoke(desk: Desk, instance_url: str, token: str) -> bool:
    """Return whether the org has taken a token back."""
    try:
        check_instance_url(instance_url, allowed_hosts(desk.stack))
        url = f"{instance_url}/services/oauth2/revoke"
        return desk.session.post(url, data={"token": token}, allow_redirects=False).ok
    except (SyncError, requests.RequestException):
        return False


def _tell_what_comes(desk: Desk, closed: Closed) -> int | None:
    """Return about how many changes wait; None where nobody may know."""
    waiting = waiting_changes(desk.stack)
    if not closed.was_open:
        desk.say("The circuit is closed: the functions use the new credentials with their next sign-in.")
    elif closed.is_monitor_woken:
        desk.say("The circuit was open and is closed now; the monitor is switching the lanes on.")
    else:
        desk.say("The circuit was open and is closed now; the monitor switches the lanes on within a minute.")
    if waiting:
        desk.say(
            f"About {waiting} changes wait; they are applied by themselves. `lockstep auth status` shows the rest."
        )
    return waiting
