"""Asks an org who it is: what a person must know before credentials are replaced, or anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from cli.stack import PRODUCTION, SANDBOX
from lockstep.adapters import salesforce_failures
from lockstep.adapters.token_endpoint import HttpTokenEndpoint
from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import FailureKind, SyncError

DEFAULT_API_VERSION = "66.0"
_QUERY = "SELECT Name, IsSandbox, OrganizationType FROM Organization LIMIT 1"
_DEVELOPER = "Developer Edition"
_ID_CHARS = 15  # the three further ones only check the others


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """Who answers, and as whom we are signed in. `name` is "" and `is_sandbox` None where the user may not see them."""

    org_id: str
    username: str
    name: str = ""
    edition: str = ""
    is_sandbox: bool | None = None

    @property
    def kind(self) -> str:
        """Sandbox or production, as people say it."""
        if self.is_sandbox is None:
            return "sandbox or production: the user may not see it"
        if self.is_sandbox:
            return SANDBOX
        return "a developer's org" if self.edition == _DEVELOPER else PRODUCTION

    def __str__(self) -> str:
        return f"{self.name or 'an org'} ({self.org_id}; {self.kind}) as {self.username}"

    def is_org(self, org_id: str) -> bool:
        """Compare ids, of 15 or of 18 characters."""
        return self.org_id[:_ID_CHARS] == org_id[:_ID_CHARS]


def ask_org(
    endpoint: HttpTokenEndpoint,
    session: requests.Session,
    token: AccessToken,
    api_version: str = DEFAULT_API_VERSION,
) -> OrgFacts:
    """Ask the org; one API call, and one that costs none.

    Raises:
        SyncError: It does not answer, or not with this token (SESSION_EXPIRED).
    """
    user = endpoint.who(token)
    found = _organization(session, token, api_version)
    return OrgFacts(
        org_id=user.organization_id,
        username=user.username,
        name=str(found.get("Name") or ""),
        edition=str(found.get("OrganizationType") or ""),
        is_sandbox=found.get("IsSandbox"),
    )


def _organization(session: requests.Session, token: AccessToken, api_version: str) -> Mapping[str, Any]:
    """Return the record; nothing where this user may not read it, which is no reason to refuse the sign-in."""
    headers = {"Authorization": f"Bearer {token.value}", "Accept": "application/json"}
    url = f"{token.instance_url}/services/data/v{api_version}/query"
    try:
        # A redirect would carry the token to wherever it points.
        answer = session.get(url, params={"q": _QUERY}, headers=headers, allow_redirects=False)
        body = answer.json()
    except requests.JSONDecodeError:
        body = None
    except requests.RequestException as exc:
        raise salesforce_failures.of_exception(exc) from None
    if answer.status_code == requests.codes.ok and isinstance(body, dict):
        return next(iter(body.get("records") or [{}]))
    failure = salesforce_failures.of_call(answer.status_code, body)
    if failure.kind not in (FailureKind.PERMISSION_DENIED, FailureKind.FIELD_UNKNOWN):
        raise failure
    return {}


def other_org(secret: Mapping[str, str], facts: OrgFacts) -> str | None:
    """Return the id of the org that the stack's credentials are of, where it is another one.

    Raises:
        SyncError: CONFIGURATION_INVALID: the org does not say who it is.
    """
    if not facts.org_id:
        raise SyncError(FailureKind.CONFIGURATION_INVALID, "the org does not say its id; nothing was changed")
    known = secret.get("org_id", "")
    return known if known and not facts.is_org(known) else None
