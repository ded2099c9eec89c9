"""The notify function: what SNS brings is posted to a chat, once each, and never to anybody else."""

import json
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
import requests

from functions.notify import handler
from lockstep.adapters import chat_webhook
from lockstep.domain.alert_texts import MAX_CHAT_CHARS, chat_text
from lockstep.domain.failures import FailureKind, SyncError

EVENTS = Path(__file__).parents[2] / "events" / "notify"
URL = "https://hooks.chat.example/services/T0/B0/hunter2"


class Chat(requests.Session):
    """A chat that answers as it is told."""

    def __init__(self):
        super().__init__()
        self.posts = []
        self.answers = []

    def request(self, method, url, **options):
        self.posts.append((method, url, options))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code = answer
        response.headers["Location"] = "https://elsewhere.example"
        return response

    @property
    def texts(self):
        return [options["json"]["text"] for _, _, options in self.posts]


@pytest.fixture
def chat(aws, monkeypatch):
    boto3.client("secretsmanager").create_secret(Name="stack/alerts", SecretString=json.dumps({"webhook_url": URL}))
    monkeypatch.setenv("SECRET_PREFIX", "stack/")
    monkeypatch.setenv("SECRET_MAX_AGE_SECONDS", "300")
    chat = Chat()
    monkeypatch.setattr(requests, "Session", lambda: chat)
    handler.post_alerts.cache_clear()
    yield chat
    handler.post_alerts.cache_clear()


def _invoke(*alerts):
    handler.lambda_handler({"Records": [{"Sns": {"Subject": s, "Message": m}} for s, m in alerts]}, _context())


def _context():
    return SimpleNamespace(
        function_name="notify", memory_limit_in_mb=512, invoked_function_arn="arn:notify", aws_request_id="request-1"
    )


def _secret(value):
    boto3.client("secretsmanager").put_secret_value(SecretId="stack/alerts", SecretString=value)


def test_alert_is_posted_with_its_subject_in_bold(chat):
    _invoke(("Lockstep: the route erp is held", "1. Name: no such field"))

    ((method, url, options),) = chat.posts
    assert (method.upper(), url) == ("POST", URL)
    assert options["json"] == {"text": "*Lockstep: the route erp is held*\n1. Name: no such field"}
    assert options["timeout"] == chat_webhook.TIME_LIMITS_S


def test_alarm_of_cloudwatch_is_told_in_its_own_words(chat):
    handler.lambda_handler(json.loads((EVENTS / "alarm.json").read_text()), _context())

    (text,) = chat.texts
    assert text.startswith("*ALARM: lockstep-InboundAgeAlarm*\nThe oldest change has waited for 15 minutes.\nThreshold")


@pytest.mark.parametrize("answer", [500, 404, 302, requests.ConnectionError(URL)], ids=str)
def test_alert_comes_again_when_the_chat_does_not_take_it(chat, answer):
    chat.answers = [answer]

    with pytest.raises(SyncError) as caught:
        _invoke(("one", "text"))

    assert caught.value.kind is FailureKind.CHAT_UNAVAILABLE
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert [options["allow_redirects"] for _, _, options in chat.posts] == [False]


@pytest.mark.parametrize(
    "secret", ["{}", '{"webhook_url": "http://chat.example/hunter2"}', '{"webhook_url": "hunter2"}']
)
def test_address_that_is_none_is_refused_without_being_shown(chat, secret):
    _secret(secret)

    with pytest.raises(SyncError) as caught:
        _invoke(("one", "text"))

    assert caught.value.kind is FailureKind.CONFIGURATION_INVALID
    assert "hunter2" not in str(caught.value)
    assert "webhook_url" in str(caught.value)
    assert chat.posts == []


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("[1]", "*s*\n[1]"),
        ('{"AlarmName": 7}', '*s*\n{"AlarmName": 7}'),
        ("<!channel> & <https://x|y>", "*s*\n&lt;!channel&gt; &amp; &lt;https://x|y&gt;"),
        ("\ud800", "*s*\n\ud800"),
    ],
    ids=["array", "no name", "markup", "surrogate"],
)
def test_text_is_shown_as_it_is_and_calls_nobody(message, told):
    assert chat_text("s", message) == told


def test_long_text_is_cut_and_says_so():
    text = chat_text(None, "x" * 100_000)

    assert len(text) == MAX_CHAT_CHARS
    assert text.startswith("*Lockstep*")
    assert "cut" in text
