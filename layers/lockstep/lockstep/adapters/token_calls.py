"""A call to the org with the stack's token, and once more where the org has ended its session."""

from collections.abc import Callable
from typing import TypeVar

import requests
from simple_salesforce.exceptions import SalesforceError, SalesforceOperationError

from lockstep.adapters.salesforce_failures import of_exception
from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.ports.sign_in import SignIn

Answer = TypeVar("Answer")


def call_with_token(sign_in: SignIn, call: Callable[[AccessToken], Answer]) -> Answer:
    """Call with the current token; once more with a new one where the org refuses it.

    Args:
        sign_in: Gives tokens.
        call: Is made twice at most.

    Raises:
        SyncError: What the call raises, or what its exceptions of requests and simple-salesforce stand for.
    """
    try:
        return _call_once(sign_in, call)
    except SyncError as exc:
        if exc.kind is not FailureKind.SESSION_EXPIRED:
            raise
        return _call_once(sign_in, call)


def _call_once(sign_in: SignIn, call: Callable[[AccessToken], Answer]) -> Answer:
    token = sign_in.token()
    try:
        return _classified(call, token)
    except SyncError as exc:
        if exc.kind is FailureKind.SESSION_EXPIRED:
            sign_in.discard(token)
        raise


def _classified(call: Callable[[AccessToken], Answer], token: AccessToken) -> Answer:
    try:
        return call(token)
    except (SalesforceError, SalesforceOperationError, requests.RequestException) as exc:
        raise of_exception(exc) from exc
