"""The three ways to sign in: a person in the browser, a private key, the app itself."""

import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from cli.auth_app import chosen_client_id, chosen_client_secret
from cli.auth_org import OrgFacts
from cli.auth_request import SignInRequest, new_request, pasted_answer
from cli.auth_settle import Desk, Settled, settle
from cli.callback import listening, redirect_url
from cli.failure import CannotError, read_text
from cli.org import utc_now
from lockstep.adapters.token_endpoint import AuthorizationCode
from lockstep.domain.connection import App, TokenAnswer, with_consent, with_session
from lockstep.domain.credentials import Grant, read_credentials

# What belongs to one grant or one session, and must not outlive it.
_OF_A_GRANT = {"grant", "client_id", "client_secret", "refresh_token", "private_key", "username", "audience"}
OF_A_SESSION = {"access_token", "instance_url", "issued_at", "expires_at", "scope", "org_id", "session_of"}


@dataclass(frozen=True, slots=True)
class AppOptions:
    """The app that the person names; None is the stack's own, or asked for."""

    client_id: str | None
    client_secret_file: Path | None


@dataclass(frozen=True, slots=True)
class BrowserOptions:
    """How the browser's answer comes back."""

    port: int
    uses_browser: bool
    time_limit_s: float


def log_in(desk: Desk, app_options: AppOptions, browser: BrowserOptions, *, agrees: bool) -> Settled:
    """Sign in by the browser, with authorization code and PKCE.

    Raises:
        CannotError: No answer, another one than asked for, or the person does not agree.
        SyncError: Salesforce or AWS refuses.
    """
    app = _chosen_app(desk, app_options, is_secret_needed=False)
    request = new_request(app.client_id, redirect_url(browser.port))
    code = request.code(_answer(desk, request, browser))
    answer = desk.endpoint.exchange_code(app, AuthorizationCode(code, request.redirect_url, request.verifier))
    if not answer.refresh_token:
        raise CannotError(
            "Salesforce gave no refresh token: add the scope `Perform requests at any time (refresh_token, "
            "offline_access)` to the app, and see that its refresh token policy does not expire it immediately. "
            "Nothing was changed"
        )

    def content(secret: Mapping[str, str], facts: OrgFacts) -> Mapping[str, str]:
        kept = {key: value for key, value in secret.items() if key not in _OF_A_GRANT}
        username = facts.username
        return with_consent(kept, app, answer, username=username, now=utc_now(), secret_name=desk.secret.name)

    return settle(desk, answer, content, agrees=agrees)


def use_private_key(
    desk: Desk, app_options: AppOptions, username: str, private_key_file: Path, *, audience: str, agrees: bool
) -> Settled:
    """Sign in once by JWT bearer, and store what did it.

    Raises:
        CannotError: As `log_in`.
        SyncError: As `log_in`; CONFIGURATION_INVALID where the key does not parse.
    """
    own = {
        "grant": Grant.JWT_BEARER.value,
        "client_id": chosen_client_id(desk.secret.read(), app_options.client_id),
        "username": username,
        "private_key": read_text(private_key_file),
    }
    return _sign_in_once(desk, {**own, "audience": audience} if audience else own, agrees=agrees)


def use_client_credentials(desk: Desk, app_options: AppOptions, *, agrees: bool) -> Settled:
    """Sign in once by client credentials, and store what did it.

    Raises:
        CannotError: As `log_in`.
        SyncError: As `log_in`.
    """
    app = _chosen_app(desk, app_options, is_secret_needed=True)
    own = {
        "grant": Grant.CLIENT_CREDENTIALS.value,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
    }
    return _sign_in_once(desk, own, agrees=agrees)


def _sign_in_once(desk: Desk, own: Mapping[str, str], *, agrees: bool) -> Settled:
    name = desk.secret.name
    answer: TokenAnswer = desk.endpoint.sign_in(read_credentials(own, name))

    def content(secret: Mapping[str, str], facts: OrgFacts) -> Mapping[str, str]:
        kept = {key: value for key, value in secret.items() if key not in _OF_A_GRANT | OF_A_SESSION}
        return with_session({**kept, "username": facts.username, **own}, answer, utc_now(), name)

    return settle(desk, answer, content, agrees=agrees)


def _chosen_app(desk: Desk, options: AppOptions, *, is_secret_needed: bool) -> App:
    secret = desk.secret.read()
    client_id = chosen_client_id(secret, options.client_id)
    file = options.client_secret_file
    return App(client_id, chosen_client_secret(secret, client_id, file, is_needed=is_secret_needed))


def _answer(desk: Desk, request: SignInRequest, browser: BrowserOptions) -> Mapping[str, str]:
    url = request.url(desk.stack.login_url)
    if not browser.uses_browser:
        desk.say(
            "Open this address in a browser, sign in as the integration user and allow the access. The page that comes "
            f"then cannot be shown, and need not be: copy its address.\n\n{url}\n"
        )
        return pasted_answer(_pasted())
    with listening(browser.port) as place:
        desk.say(f"Sign in as the integration user. If no browser opens, open this address on this machine:\n\n{url}\n")
        webbrowser.open(url)
        return place.answer(browser.time_limit_s)


def _pasted() -> str:
    try:
        text: str = typer.prompt("The address that the browser ended at", err=True)
    except typer.Abort:
        raise CannotError("no address was given; nothing was changed") from None
    return text
