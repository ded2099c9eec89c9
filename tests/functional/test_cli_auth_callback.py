"""The question for the browser, and the place to which it comes back."""

import socket
import threading
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from cli.auth_request import EXPLAINED, challenge_of, new_request, pasted_answer
from cli.callback import LOOPBACK, listening, redirect_url
from cli.failure import CannotError

REDIRECT = redirect_url(1717)


def request():
    return new_request("the-app", REDIRECT)


# The question


def test_challenge_is_that_of_the_example_in_rfc_7636():
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_question_carries_the_challenge_and_never_the_verifier():
    asked = request()
    url = asked.url("https://test.salesforce.com/")
    query = dict(parse_qsl(urlsplit(url).query))

    assert url.startswith("https://test.salesforce.com/services/oauth2/authorize?")
    assert query["code_challenge"] == challenge_of(asked.verifier)
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == REDIRECT
    assert query["scope"] == "api refresh_token"
    assert query["state"] == asked.state
    assert asked.verifier not in url
    assert asked.verifier not in repr(asked)


def test_two_questions_share_neither_state_nor_verifier():
    one, other = request(), request()

    assert one.state != other.state
    assert one.verifier != other.verifier
    assert 43 <= len(one.verifier) <= 128  # RFC 7636


# The answer


def test_code_is_taken_from_an_answer_with_our_state():
    asked = request()

    assert asked.code({"state": asked.state, "code": "the-code"}) == "the-code"


@pytest.mark.parametrize("state", ["", "another", "ü", None], ids=["empty", "other", "not ascii", "none"])
def test_answer_with_another_state_is_refused_whatever_it_says(state):
    answer = {"code": "the-code", "error": "access_denied"} | ({} if state is None else {"state": state})

    with pytest.raises(CannotError, match="another sign-in") as caught:
        request().code(answer)

    assert "the-code" not in str(caught.value)


@pytest.mark.parametrize("error", EXPLAINED)
def test_each_refusal_is_explained(error):
    asked = request()

    with pytest.raises(CannotError) as caught:
        asked.code({"state": asked.state, "error": error, "error_description": "words of whoever made the address"})

    assert EXPLAINED[error] in str(caught.value)
    assert "words of" not in str(caught.value)


@pytest.mark.parametrize("error", ["new_error", "<b>\x1b[31m", "x" * 1000])
def test_refusal_that_is_not_known_is_named_or_kept_off_the_terminal(error):
    asked = request()

    with pytest.raises(CannotError) as caught:
        asked.code({"state": asked.state, "error": error})

    assert ("new_error" in str(caught.value)) is (error == "new_error")
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_answer_without_a_code_is_refused():
    asked = request()

    with pytest.raises(CannotError, match="no code"):
        asked.code({"state": asked.state, "code": ""})


def test_pasted_address_is_read_with_its_blanks_and_quotes():
    assert pasted_answer(f" '{REDIRECT}?code=aPrx%3D%3D&state=s'\n") == {"code": "aPrx==", "state": "s"}


@pytest.mark.parametrize("text", ["", "aPrxyz==", REDIRECT, f"{REDIRECT}#code=1", "https://[", "\x00"])
def test_pasted_text_that_is_no_answer_is_said_to_be_none(text):
    with pytest.raises(CannotError, match="not the address"):
        pasted_answer(text)


# The place


def visit(port, path, method="GET"):
    return requests.request(method, f"http://{LOOPBACK}:{port}{path}", timeout=5)


@pytest.fixture
def place():
    with listening(0) as opened:
        yield opened


def test_first_answer_is_handed_over_and_the_next_one_is_not(place, capfd):
    path = "/callback?" + urlencode({"code": "plan:ted==", "state": "s"})

    first, second = visit(place.port, path), visit(place.port, "/callback?code=later&state=s")

    assert place.answer(5) == {"code": "plan:ted==", "state": "s"}
    assert (first.status_code, second.status_code) == (200, 410)
    assert "close this window" in first.text
    assert "plan" not in first.text
    assert first.headers["Cache-Control"] == "no-store"
    assert "".join(capfd.readouterr()) == ""  # the path, which holds the code, is not logged


def test_refusal_is_handed_over_and_the_page_says_so(place):
    page = visit(place.port, "/callback?error=access_denied&state=s")

    assert place.answer(5)["error"] == "access_denied"
    assert "refused" in page.text


@pytest.mark.parametrize("path", ["/", "/callback", "/callback/?code=1", "/Callback?code=1", "/x/callback?code=1"])
def test_other_paths_are_refused_and_do_not_use_the_place_up(place, path):
    assert visit(place.port, path).status_code == 404

    visit(place.port, "/callback?code=1&state=s")
    assert place.answer(5)["code"] == "1"


@pytest.mark.parametrize("method", ["POST", "PUT", "HEAD", "OPTIONS"])
def test_other_methods_are_refused(place, method):
    assert visit(place.port, "/callback?code=1&state=s", method).status_code == 501


def test_connection_that_stays_silent_keeps_nobody_waiting(place):
    with socket.create_connection((LOOPBACK, place.port)):
        assert visit(place.port, "/callback?code=1&state=s").status_code == 200


def test_answer_that_comes_while_we_wait_is_taken(place):
    threading.Timer(0.05, visit, (place.port, "/callback?code=1&state=s")).start()

    assert place.answer(5)["code"] == "1"


def test_nobody_coming_back_ends_with_what_may_be_wrong(place):
    with pytest.raises(CannotError, match="redirect_uri_mismatch") as caught:
        place.answer(0.01)

    assert redirect_url(place.port) in str(caught.value)


def test_only_loopback_is_listened_on(place):
    assert place.address == "127.0.0.1"


def test_port_in_use_is_named_with_what_to_do(place):
    with pytest.raises(CannotError, match=f"port {place.port} .*--port"), listening(place.port):
        pass
    with socket.create_connection((LOOPBACK, place.port)):
        pass  # who was first goes on listening


def test_port_is_free_again_after_the_answer():
    with listening(0) as first:
        visit(first.port, "/callback?code=1&state=s")

    with listening(first.port) as second:
        assert second.port == first.port
