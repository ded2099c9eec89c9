"""A chat, by an incoming webhook as Slack has them; others take the same body."""

from urllib.parse import urlsplit

import requests

from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports import Secrets

_URL_KEY = "webhook_url"
TIME_LIMITS_S = (5, 10)  # to connect, to answer


class ChatWebhook:
    """Implements `ports.Chat`.

    Args:
        secrets: The address is a secret: whoever has it can post.
        secret_name: A JSON secret with `webhook_url`.
        session: For the call.
    """

    def __init__(self, secrets: Secrets, secret_name: str, session: requests.Session) -> None:
        self._secrets = secrets
        self._secret_name = secret_name
        self._session = session

    def post(self, text: str) -> None:
        """Post, without following redirects: the text is for this address only."""
        url = self._url()
        try:
            answer = self._session.post(url, json={"text": text}, timeout=TIME_LIMITS_S, allow_redirects=False)
        except requests.RequestException as exc:
            # From None: the error's text holds the address.
            raise _unavailable(type(exc).__name__) from None
        if not answer.ok or answer.is_redirect:
            raise _unavailable(str(answer.status_code))

    def _url(self) -> str:
        url = self._secrets.get(self._secret_name).get(_URL_KEY, "")
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            reason = f"the secret {self._secret_name} has no {_URL_KEY} that begins with https://"
            raise SyncError(FailureKind.CONFIGURATION_INVALID, reason)
        return url


def _unavailable(code: str) -> SyncError:
    return SyncError(FailureKind.CHAT_UNAVAILABLE, "the chat does not take the alert", error_code=code)
