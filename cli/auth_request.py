"""The question that the browser takes to Salesforce (authorization code with PKCE), and the answer it brings back."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from cli.failure import CannotError

AUTHORIZE_PATH = "/services/oauth2/authorize"
SCOPES = ("api", "refresh_token")
# 32 random bytes are 43 characters: the shortest verifier that RFC 7636 allows, and enough.
_RANDOM_BYTES = 32
_AGAIN = "Nothing was changed; begin again with `lockstep auth login`"
# What Salesforce puts into `error` of a redirect; docs/sign-in.md lists the same.
EXPLAINED = {
    "access_denied": "access was denied: somebody chose Deny, or the app's policy admits admin-approved users only and "
    "this user has none of its permission sets",
    "invalid_client_id": "the client id is of no app in this org (a new app needs up to 10 minutes to be known)",
    "invalid_scope": "the app lacks an OAuth scope: it needs `api` and `refresh_token, offline_access`",
    "unsupported_response_type": "the app does not allow the authorization-code flow",
    "invalid_request": "Salesforce does not understand the question; is the login URL the right one for this org?",
    "redirect_uri_mismatch": "the app has another Callback URL",
    "OAUTH_APP_BLOCKED": "an administrator has blocked the app (Setup, Connected Apps OAuth Usage)",
    "OAUTH_APP_ACCESS_DENIED": "this user may not use the app: give the user its permission set",
    "inactive_user": "the user is inactive, or has yet to choose a password",
    "inactive_org": "the org is locked, closed or suspended",
    "temporarily_unavailable": "Salesforce is not available for the moment",
    "server_error": "Salesforce failed; try again in a minute",
}


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """One question. The verifier proves later that whoever asked is whoever answers; it is shown to nobody."""

    client_id: str
    redirect_url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)

    def url(self, login_url: str) -> str:
        """Return the address for the browser.

        `prompt=login` because browsers of administrators are signed in already, as the administrator.
        """
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_url,
            "scope": " ".join(SCOPES),
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            "state": self.state,
            "prompt": "login",
        }
        return f"{login_url.rstrip('/')}{AUTHORIZE_PATH}?{urlencode(query)}"

    def code(self, answer: Mapping[str, str]) -> str:
        """Return the authorization code of an answer.

        Raises:
            CannotError: The answer belongs to another question, is a refusal, or has no code.
        """
        # Before anything else: an answer to a question that was not asked here is not believed in anything.
        if not hmac.compare_digest(answer.get("state", "").encode(), self.state.encode()):
            raise CannotError(f"the answer belongs to another sign-in (its `state` is not ours). {_AGAIN}")
        if refused := answer.get("error"):
            raise CannotError(f"Salesforce refuses: {_explained(refused)}. {_AGAIN}")
        if not answer.get("code"):
            raise CannotError(f"the answer has no code. {_AGAIN}")
        return answer["code"]


def new_request(
    client_id: str, redirect_url: str, random_text: Callable[[int], str] = secrets.token_urlsafe
) -> SignInRequest:
    """Return a question with a state and a verifier of its own."""
    return SignInRequest(client_id, redirect_url, random_text(_RANDOM_BYTES), random_text(_RANDOM_BYTES))


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of RFC 7636: base64url of SHA-256, without padding."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def pasted_answer(text: str) -> Mapping[str, str]:
    """Return the parameters of an address that was copied out of the browser.

    Raises:
        CannotError: It is no such address.
    """
    answer = dict(parse_qsl(text.strip().strip("'\"").partition("?")[2].partition("#")[0]))
    if not answer.keys() & {"code", "error"}:
        raise CannotError(
            "this is not the address that the browser ended at: it begins with the callback URL and has `code=` and "
            f"`state=` in it; copy all of it. {_AGAIN}"
        )
    return answer


def _explained(error: str) -> str:
    # What Salesforce adds in words (error_description) is not repeated: whoever makes the address could write it.
    known = EXPLAINED.get(error)
    if known:
        return f"{error}: {known}"
    return error if error.replace("_", "").isalnum() and error.isascii() and len(error) <= 64 else "an unknown error"
