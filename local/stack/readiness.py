"""Ready means: the webhook function refuses what is unsigned, the upsert function what is no batch; so both run."""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from local.stack.failure import StackError

READY_WITHIN_S = 30.0
ANSWER_WITHIN_S = 20.0  # a cold start on a busy machine
LOOK_EVERY_S = 0.3
# MiniStack's word for an error that the handler itself has raised: so it was loaded.
RAISED_BY_HANDLER = "Runtime.HandlerError"


def wait_for_webhooks(url_by_source: Mapping[str, str], session: requests.Session, log: Path) -> None:
    """Post an unsigned request to one source until it is refused as unsigned.

    Raises:
        StackError: It never was; says what came instead.
    """
    until = time.monotonic() + READY_WITHIN_S
    answer = "nothing was asked: there are no sources"
    for url in sorted(url_by_source.values())[:1]:
        while (answer := _answer(url, session)) != "":
            if time.monotonic() > until:
                raise StackError("the webhook function", f"an unsigned request was answered with {answer}", log)
            time.sleep(LOOK_EVERY_S)


def check_upsert(client: Any, function_name: str, log: Path) -> None:
    """Hand the upsert function a batch of nothing: it refuses that, if only it can be loaded.

    Raises:
        StackError: It cannot be loaded; says why.
    """
    answer = client.invoke(FunctionName=function_name, Payload=json.dumps({"Records": []}).encode())
    said = json.loads(answer["Payload"].read())
    if "FunctionError" in answer and said.get("errorType") != RAISED_BY_HANDLER:
        raise StackError("the upsert function", str(said.get("errorMessage")), log)


def _answer(url: str, session: requests.Session) -> str:
    """Return "" for the refusal that is hoped for, else what came."""
    try:
        response = session.post(url, data=b"{}", timeout=ANSWER_WITHIN_S)
    except requests.RequestException as exc:
        return f"no answer ({type(exc).__name__})"
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return ""
    return f"{response.status_code} {response.text[:200]}"
