"""What the token endpoint's refusals mean: its `error` decides; only a known text is repeated to people."""

from lockstep.domain.failures import FailureKind, SyncError

_SIGN_IN = "somebody must sign in again: lockstep auth login"
_KEYS = "compare the secret's client_id and client_secret with the app's consumer key and secret"
_USER = "a Salesforce administrator must let the integration user in again"
_APP = "a Salesforce administrator must correct the app"

# Salesforce Help, "OAuth 2.0 Error Codes": these heal only when a person acts.
_REMEDY_BY_ERROR: dict[str, str] = {
    "invalid_grant": _SIGN_IN,
    "invalid_client": _KEYS,
    "invalid_client_id": _KEYS,
    "invalid_client_credentials": _KEYS,
    "invalid_app_access": _APP,
    "unauthorized_client": _APP,
    "inactive_user": _USER,
    "inactive_org": "the org is locked, closed or suspended; a Salesforce administrator must open it",
    "unsupported_grant_type": "the org or the app does not allow this grant; allow it in the app, or choose another",
    "invalid_scope": "the app lacks a scope that is asked for; add api and refresh_token to its scopes",
    "redirect_uri_mismatch": "add the callback URL to the app's callback URLs",
    "invalid_request": "compare the secret's keys with docs/sign-in.md",
    "invalid_assertion_type": "compare the secret's keys with docs/sign-in.md",
    "access_denied": _APP,
}
# Texts that stand beside `error`; any other text may hold a value and is not repeated.
_REMEDY_BY_TEXT: dict[str, str] = {
    "expired access/refresh token": f"the refresh token was revoked, replaced or not used for too long; {_SIGN_IN}",
    "token validity expired": f"the app's policy ends refresh tokens after a time; {_SIGN_IN}",
    "inactive user": _USER,
    "user is locked": _USER,
    "ip restricted": "the app or the user's profile allows other addresses only; relax it for the integration user",
    "invalid login hours": "the user's profile forbids this hour; widen its login hours",
    "user hasn't approved this consumer": "pre-authorize the app for the integration user's profile or permission set",
    "audience is invalid": "the secret's audience, or the login URL, is not the org's own login address",
    "invalid assertion": "the certificate uploaded to the app must belong to the secret's private_key",
    "expired authorization code": "the sign-in took too long; run lockstep auth login again",
    "invalid authorization code": "run lockstep auth login again",
    "invalid code verifier": "run lockstep auth login again",
    "no client credentials user enabled": "name the user to run as in the app's client credentials flow",
    "request not supported on this domain": "client credentials need the org's My Domain as login URL",
    "authentication failure": _SIGN_IN,
    "client identifier invalid": _KEYS,
    "invalid client credentials": _KEYS,
    "redirect_uri must match configuration": _REMEDY_BY_ERROR["redirect_uri_mismatch"],
    "grant type not supported": _REMEDY_BY_ERROR["unsupported_grant_type"],
}
_RATE_LIMIT = "rate_limit_exceeded"
RATE_LIMIT_PAUSE_S = 60


def of_refusal(status: int, body: object, note: str = "") -> SyncError:
    """Name the failure that an answer of the token endpoint stands for.

    Args:
        status: 400 or above, or any where the body is no grant.
        body: Parsed JSON, or None where it was none.
        note: What else is known; goes before the remedy.
    """
    error, text = _texts(body)
    if error in _REMEDY_BY_ERROR:
        return _permanent(error, text, note)
    if error == _RATE_LIMIT:
        detail = "Salesforce takes no more sign-ins for now: too many in an hour"
        return SyncError(FailureKind.ORG_UNAVAILABLE, detail, error_code=error, retry_after_s=RATE_LIMIT_PAUSE_S)
    # Anything else may have come after the sign-in was booked.
    detail = f"the token endpoint answered {status} {'with an unknown error' if error else 'and no JSON error'}"
    return SyncError(FailureKind.OUTCOME_UNKNOWN, detail, error_code=_code(error))


def _permanent(error: str, text: str, note: str) -> SyncError:
    said = f'{error}, "{text}"' if text in _REMEDY_BY_TEXT else error
    remedy = _REMEDY_BY_TEXT.get(text) or _REMEDY_BY_ERROR[error]
    parts = [f"Salesforce refuses the sign-in ({said})", note, remedy]
    return SyncError(FailureKind.CREDENTIALS_REJECTED, "; ".join(filter(None, parts)), error_code=error)


def _texts(body: object) -> tuple[str, str]:
    if not isinstance(body, dict):
        return "", ""
    return tuple(each if isinstance(each := body.get(key), str) else "" for key in ("error", "error_description"))  # type: ignore[return-value]


def _code(error: str) -> str | None:
    """Keep an unknown code where it looks like one."""
    return error if error.isidentifier() and len(error) <= 40 else None
