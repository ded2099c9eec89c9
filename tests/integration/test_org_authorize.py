"""The local org's authorization-code flow with PKCE: the page, the redirect, the code."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest

from local.org.sign_in_gate import UserState
from tests.integration.sign_in import CLIENT, KNOWN, ask, limits_status, refusal

CALLBACK = "http://localhost:53211/callback"
# The example of RFC 7636, appendix B.
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
ASKED = {
    "response_type": "code",
    "client_id": KNOWN.client_id,
    "redirect_uri": CALLBACK,
    "state": "a b&<c>\"'",
    "code_challenge": CHALLENGE,
}


class Page(HTMLParser):
    """A browser without JavaScript: reads the form's fields and what its buttons send."""

    def __init__(self, text):
        super().__init__()
        self.action, self.fields, self.buttons = None, {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.action = (given["method"], given["action"])
        if tag == "input":
            self.fields[given["name"]] = given["value"]
        if tag == "button":
            self.buttons.append({given["name"]: given["value"]})


def visit(door, asked):
    url = f"{door.instance_url}/services/oauth2/authorize"
    return door.session.get(url, params=asked, timeout=20, allow_redirects=False)


def press(door, page, button):
    method, action = page.action
    content = {**page.fields, **page.buttons[button]}
    url = f"{door.instance_url}{action}"
    return door.session.request(method, url, data=content, timeout=20, allow_redirects=False)


def approve(door, **changes):
    """Go through the page and return what the redirect says."""
    return redirected(press(door, Page(visit(door, {**ASKED, **changes}).text), 0))


def redirected(response):
    assert response.status_code == 302, response.text
    return {name: value for name, [value] in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def code_form(code, **changes):
    known = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return {**known, **CLIENT, **changes}


MISMATCH = ("redirect_uri_mismatch", "redirect_uri must match configuration")


def test_person_approves_and_the_code_becomes_tokens(door, org):
    page = visit(door, ASKED)
    response = press(door, Page(page.text), 0)

    answer = redirected(response)
    tokens = ask(door, "token", code_form(answer["code"])).json()
    assert page.headers["Cache-Control"].endswith("private")
    assert response.headers["Location"].startswith(f"{CALLBACK}?")
    assert answer["state"] == ASKED["state"]
    assert tokens["scope"] == "refresh_token api id"
    assert limits_status(door, tokens["access_token"]) == 200
    refreshed = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **CLIENT}
    assert ask(door, "token", {**refreshed, "code_verifier": VERIFIER}).status_code == 200


def test_page_shows_who_signs_in_to_what_and_hides_nothing_in_markup(door):
    page = visit(door, {**ASKED, "state": "<script>", "scope": "api id"}).text

    assert KNOWN.username in page
    assert "api id" in page
    assert "<script>" not in page
    assert Page(page).fields["state"] == "<script>"


def test_person_denies(door):
    answer = redirected(press(door, Page(visit(door, ASKED).text), 1))

    assert (answer["error"], answer["state"], "code" in answer) == ("access_denied", ASKED["state"], False)


def test_no_code_without_a_decision(door):
    url = f"{door.instance_url}/services/oauth2/authorize"

    assert door.session.post(url, data=ASKED, timeout=20, allow_redirects=False).status_code == 200


@pytest.mark.parametrize("scope", ["api", "api id"])
def test_scope_without_a_refresh_token_gives_none(door, scope):
    tokens = ask(door, "token", code_form(approve(door, scope=scope)["code"])).json()

    assert (tokens["scope"], "refresh_token" in tokens) == (scope, False)


def test_offline_access_is_the_other_name_of_refresh_token(door):
    assert "refresh_token" in ask(door, "token", code_form(approve(door, scope="offline_access api")["code"])).json()


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"response_type": "token"}, "unsupported_response_type", "response type not supported"),
        ({"scope": "api full"}, "invalid_scope", "the requested scope is not allowed"),
        ({"code_challenge": ""}, "invalid_request", "missing required code challenge"),
        ({"code_challenge": "short"}, "invalid_request", "invalid code challenge"),
        ({"code_challenge_method": "plain"}, "invalid_request", "invalid code challenge"),
    ],
)
def test_what_is_wrong_with_the_request_is_told_on_the_redirect(door, org, changes, error, description):
    org.change_app(requires_pkce=True)

    answer = redirected(visit(door, {**ASKED, **changes}))

    assert answer == {"error": error, "error_description": description, "state": ASKED["state"]}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "x"}, "invalid_client_id"),
        ({"redirect_uri": "https://evil.example/callback"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://localhost.evil.example/callback"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://localhost:1/other"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://u@localhost:1/callback"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://localhost/callback"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://[::1/callback"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://localhost:99999999/callback?x=1"}, "redirect_uri_mismatch"),
        ({"redirect_uri": ""}, "redirect_uri_mismatch"),
    ],
)
def test_strangers_are_never_redirected_to(door, changes, error):
    response = visit(door, {**ASKED, **changes})

    assert response.status_code == 400
    assert error in response.text
    assert "Location" not in response.headers


def test_loopback_port_must_be_the_registered_one_where_the_app_says_so(door, org):
    org.change_app(any_loopback_port=False)

    assert visit(door, ASKED).status_code == 400
    assert visit(door, {**ASKED, "redirect_uri": "http://localhost:1717/OauthRedirect"}).status_code == 200


def test_port_of_a_callback_that_is_not_loopback_is_part_of_it(door, org):
    org.change_app(callback_urls=["https://app.example/back"])

    assert visit(door, {**ASKED, "redirect_uri": "https://app.example:8443/back"}).status_code == 400


def test_registered_callback_keeps_its_own_query(door, org):
    org.change_app(callback_urls=["https://app.example/back?tenant=7"])

    location = redirected(
        press(door, Page(visit(door, {**ASKED, "redirect_uri": "https://app.example/back?tenant=7"}).text), 0)
    )

    assert location["tenant"] == "7"
    assert "code" in location


@pytest.mark.parametrize("method", [None, "S256"], ids=["no method", "S256"])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code_verifier": "x" * 43}, ("invalid_grant", "invalid code verifier")),
        ({"code_verifier": ""}, ("invalid_grant", "invalid code verifier")),
        ({"code_verifier": CHALLENGE}, ("invalid_grant", "invalid code verifier")),
        ({"code": "aPrxOther"}, ("invalid_grant", "invalid authorization code")),
        ({"code": ""}, ("invalid_grant", "invalid authorization code")),
        ({"redirect_uri": "http://localhost:1/callback"}, MISMATCH),
        ({"client_secret": "x"}, ("invalid_client", "invalid client credentials")),
    ],
)  # fmt: skip
def test_code_is_for_the_client_that_asked_for_it(door, changes, expected, method):
    code = approve(door, **({} if method is None else {"code_challenge_method": method}))["code"]

    assert refusal(ask(door, "token", {**code_form(code), **changes})) == (400, *expected)


def test_code_is_good_once(door):
    code = approve(door)["code"]

    statuses = [ask(door, "token", code_form(code)).status_code for _ in range(2)]

    assert statuses == [200, 400]
    assert refusal(ask(door, "token", code_form(code)))[1:] == ("invalid_grant", "expired authorization code")


def test_code_is_used_up_by_a_wrong_verifier(door):
    code = approve(door)["code"]
    ask(door, "token", code_form(code, code_verifier="x" * 43))

    assert refusal(ask(door, "token", code_form(code)))[1:] == ("invalid_grant", "expired authorization code")


def test_code_ends_after_a_quarter_of_an_hour(door, org):
    code = approve(door)["code"]
    org.advance_clock(901)

    assert refusal(ask(door, "token", code_form(code)))[1:] == ("invalid_grant", "expired authorization code")


def test_code_without_a_challenge_needs_no_verifier(door):
    code = approve(door, code_challenge="")["code"]

    assert ask(door, "token", code_form(code, code_verifier="")).status_code == 200


def test_public_client_needs_no_secret_where_the_app_does_not_ask_for_it(door, org):
    org.change_app(requires_secret=False)

    assert ask(door, "token", code_form(approve(door)["code"], client_secret="")).status_code == 200


def test_approval_is_what_an_app_that_was_not_approved_waits_for(door, org):
    org.set_user_state(UserState.NOT_APPROVED)

    assert ask(door, "token", code_form(approve(door)["code"])).status_code == 200


def test_locked_user_gets_no_code(door, org):
    org.set_user_state(UserState.LOCKED)

    response = press(door, Page(visit(door, ASKED).text), 0)

    assert response.status_code == 403
    assert "user is locked" in response.text


def test_signing_in_again_heals_a_revoked_connection(door, org):
    org.revoke_refresh_tokens()

    tokens = ask(door, "token", code_form(approve(door)["code"])).json()

    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **CLIENT}
    assert ask(door, "token", form).status_code == 200
