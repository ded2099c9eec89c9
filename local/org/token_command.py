"""Signs in to a served org as its `org.json` says: for clients that take an access token."""

import json
from pathlib import Path

import requests

_TIMEOUT_S = 10


class TokenError(Exception):
    """There is no token; the text says why and what to do."""


def fetch_token(state_folder: Path) -> str:
    """Return a new access token.

    Raises:
        TokenError: No org is served from there, or it refuses.
    """
    try:
        facts = json.loads((state_folder / "org.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TokenError(f"{state_folder}/org.json cannot be read: {error}; start the org with serve first") from error
    form = {name: facts[name] for name in ("client_id", "client_secret", "refresh_token")}
    url = f"{facts['http_url']}/services/oauth2/token"
    try:
        answer = requests.post(url, {"grant_type": "refresh_token", **form}, timeout=_TIMEOUT_S)
        body = answer.json()
    except requests.RequestException as error:
        raise TokenError(f"{facts['http_url']} does not answer; start the org with serve first") from error
    if not answer.ok:
        raise TokenError(f"the org refuses: {body.get('error')}, {body.get('error_description')}")
    return str(body["access_token"])
