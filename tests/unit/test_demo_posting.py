"""The demo's senders: who is told to come again, or gets no answer to the delivery, comes again a few times."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import requests

from local.demo import posting
from local.demo.senders import Event
from local.demo.sends import Kind, Send

SEND = Send(Event("shopify", "customers/update", "1", datetime(2026, 1, 16, tzinfo=UTC), b"{}"), Kind.NEW)


class Gateway:
    """Stands for the stack, and answers in this order."""

    secrets = {"shopify": "secret"}  # noqa: RUF012

    def __init__(self, answers):
        self.answers = list(answers)

    def webhook_url(self, source):
        return f"https://hooks.example/{source}"

    def http(self):
        return self

    def post(self, *_, **__):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, headers = answer
        return SimpleNamespace(status_code=status, headers=headers, text="", json=lambda: {"correlation_ids": ["c1"]})


@pytest.fixture
def post(monkeypatch):
    waits = []
    monkeypatch.setattr(posting.time, "sleep", waits.append)

    def post(*answers):
        (answer,) = posting.post_all(Gateway(answers), [[SEND]], lambda: None)
        return answer, waits

    return post


@pytest.mark.parametrize("none", [(502, {}), (504, {}), (503, {}), requests.Timeout()], ids=str)
def test_delivery_without_an_answer_of_the_function_comes_again(post, none):
    answer, waits = post(none, (202, {}))

    assert (answer.status, answer.tries, answer.correlation_id) == (202, 2, "c1")
    assert waits == [1]


def test_sender_waits_as_it_is_told_else_longer_each_time_and_gives_up_after_four_tries(post):
    answer, waits = post((502, {}), (502, {}), (503, {"Retry-After": "7"}), (502, {}))

    assert (answer.status, answer.tries) == (502, 4)
    assert waits == [1, 2, 7]


@pytest.mark.parametrize("status", [500, 401, 400])
def test_answer_of_the_function_itself_is_final(post, status):
    answer, waits = post((status, {}))

    assert (answer.status, answer.tries, waits) == (status, 1, [])
