"""The token broker with everything in memory: who refreshes, who waits, and what a refusal is called."""

from datetime import timedelta

import pytest

from lockstep.domain.connection import AccessToken
from lockstep.domain.failures import Disposition, FailureKind, SyncError
from lockstep.services.session_refresh import REFUSED_FOR, ROTATION_LOST, TURN_LEASE_S
from tests.fakes.sign_in import INSTANCE_URL, NOON, Clock, FakeConnectionSecret, FakeEndpoint, FakeTurns, broker

AWAY = SyncError(FailureKind.ORG_UNAVAILABLE, "too many", error_code="rate_limit_exceeded")
CUT_OFF = SyncError(FailureKind.OUTCOME_UNKNOWN, "cut off", error_code="ReadTimeout")
NO_AWS = SyncError(FailureKind.AWS_UNAVAILABLE, "throttled")


class Company:
    """One secret, one token endpoint, one item for the turns, and containers."""

    def __init__(self):
        self.clock = Clock()
        self.secret = FakeConnectionSecret(client_id="c", client_secret="s", refresh_token="r0")
        self.endpoint = FakeEndpoint()
        self.turns = FakeTurns()

    def container(self, allowed_hosts=()):
        return broker(self.secret, self.endpoint, self.turns, allowed_hosts, self.clock, self.clock.wait)

    def pass_(self, seconds):
        self.clock.wait(seconds)


@pytest.fixture
def company():
    return Company()


def refused(container, kind=FailureKind.CREDENTIALS_REJECTED):
    with pytest.raises(SyncError) as caught:
        container.token()
    assert caught.value.kind is kind, caught.value
    return caught.value


def test_first_container_signs_in_and_the_others_share_its_session(company):
    tokens = {company.container().token().value for _ in range(5)}

    assert tokens == {"a1"}
    assert len(company.endpoint.asked) == 1


def test_token_is_kept_in_memory(company):
    container = company.container()
    container.token()
    reads = company.secret.reads

    assert container.token() is container.token()
    assert company.secret.reads == reads


def test_new_refresh_token_and_session_are_one_write_before_either_is_used(company):
    company.container().token()

    assert company.secret.writes[0]["refresh_token"] == "r1"
    assert company.secret.writes[0]["access_token"] == "a1"


def test_expired_token_of_many_containers_is_refreshed_once(company):
    containers = [company.container() for _ in range(100)]
    tokens = [each.token() for each in containers]
    for each, token in zip(containers, tokens, strict=True):
        each.discard(token)

    assert {each.token().value for each in containers} == {"a2"}
    assert len(company.endpoint.asked) == 2


def test_refusal_of_an_older_token_keeps_the_newer_one(company):
    container = company.container()
    new = container.token()

    container.discard(AccessToken("older", INSTANCE_URL))

    assert container.token() is new


def test_same_token_granted_once_more_is_taken(company):
    container = company.container()
    token = container.token()
    container.discard(token)
    company.endpoint.asked.clear()

    assert container.token().value == "a1"
    assert container.token().value == "a1"
    assert len(company.endpoint.asked) == 1


def test_end_is_learned_for_all_and_the_session_renewed_ahead_of_it(company):
    company.endpoint.life_s = 3600
    first, second = company.container(), company.container()
    assert {first.token().value, second.token().value} == {"a1"}

    company.pass_(3500)

    assert {first.token().value, second.token().value} == {"a2"}
    assert len(company.endpoint.asked) == 2


@pytest.mark.parametrize("failure", [AWAY, CUT_OFF])
def test_session_that_lives_on_is_used_while_its_renewal_fails(company, failure):
    company.endpoint.life_s = 3600
    container = company.container()
    container.token()
    company.pass_(3500)
    company.endpoint.failures = [failure]

    assert [container.token().value for _ in range(3)] == ["a1"] * 3
    assert len(company.endpoint.asked) == 2
    company.pass_(31)
    assert container.token().value == "a3"


def test_session_that_lives_on_is_used_while_another_container_renews_it(company):
    company.endpoint.life_s = 3600
    container = company.container()
    container.token()
    company.pass_(3500)
    company.turns.take("another", TURN_LEASE_S, company.clock())

    assert container.token().value == "a1"
    assert company.clock() == NOON + timedelta(seconds=3500)


def test_ended_session_is_not_used(company):
    company.endpoint.life_s = 3600
    container = company.container()
    container.token()
    company.pass_(3600)
    company.endpoint.failures = [AWAY]

    refused(container, FailureKind.ORG_UNAVAILABLE)


def test_who_waits_takes_the_session_that_the_other_has_stored(company):
    company.turns.take("another", TURN_LEASE_S, company.clock())
    other = company.container()

    def wait(seconds):
        company.clock.wait(seconds)
        company.turns.until = None
        other.token()

    waiting = broker(company.secret, company.endpoint, company.turns, (), company.clock, wait)

    assert waiting.token().value == "a1"
    assert len(company.endpoint.asked) == 1


def test_waiting_ends_after_a_quarter_of_a_minute(company):
    company.turns.take("another", TURN_LEASE_S, company.clock())

    error = refused(company.container(), FailureKind.SIGN_IN_BUSY)

    assert error.disposition is Disposition.RETRY_SOON
    assert timedelta(seconds=14) <= company.clock() - NOON <= timedelta(seconds=16)
    assert company.endpoint.asked == []


def test_turn_of_one_that_died_is_taken_when_its_lease_ends(company):
    company.turns.take("dead", TURN_LEASE_S, company.clock())
    company.pass_(TURN_LEASE_S)

    assert company.container().token().value == "a1"


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "inactive_org"])
def test_refused_credentials_are_not_asked_with_again_until_a_minute_has_passed(company, code):
    failure = SyncError(FailureKind.CREDENTIALS_REJECTED, "no", error_code=code)
    company.endpoint.failures = [failure, failure]
    container = company.container()

    assert [refused(container).error_code for _ in range(3)] == [code] * 3
    assert len(company.endpoint.asked) == 1
    company.pass_(REFUSED_FOR.total_seconds())
    refused(container)
    assert len(company.endpoint.asked) == 2


def test_new_credentials_are_tried_at_once(company):
    company.endpoint.good = "by hand"
    container = company.container()
    refused(container)

    company.secret.content["refresh_token"] = "by hand"

    assert container.token().value == "a2"


def test_credentials_replaced_by_hand_do_not_use_the_former_session(company):
    company.container().token()
    company.secret.content["refresh_token"] = company.endpoint.good = "by hand"

    assert company.container().token().value == "a2"


def test_rotation_whose_answer_was_lost_is_told_as_that(company):
    company.endpoint.failures = [CUT_OFF]
    assert refused(company.container(), FailureKind.ORG_UNAVAILABLE).error_code == "ReadTimeout"
    company.endpoint.good = "lost"

    for _ in range(2):
        error = refused(company.container())

        assert error.error_code == ROTATION_LOST
        assert "lockstep auth login" in error.detail


def test_call_that_never_arrived_is_made_again_without_harm(company):
    company.endpoint.failures = [CUT_OFF]
    refused(company.container(), FailureKind.ORG_UNAVAILABLE)

    assert company.container().token().value == "a2"
    assert company.turns.turn.unfinished == ""


def test_revocation_after_a_refusal_for_now_is_no_lost_rotation(company):
    company.endpoint.failures = [AWAY]
    refused(company.container(), FailureKind.ORG_UNAVAILABLE)
    company.endpoint.good = "revoked"

    assert refused(company.container()).error_code == "invalid_grant"


def test_mark_of_replaced_credentials_says_nothing_of_the_new_ones(company):
    company.endpoint.failures = [CUT_OFF]
    refused(company.container(), FailureKind.ORG_UNAVAILABLE)
    company.secret.content["refresh_token"] = "by hand, and wrong"

    assert refused(company.container()).error_code == "invalid_grant"


def test_grant_that_cannot_be_stored_is_kept_and_stored_before_anything_else(company):
    company.secret.write_outage = NO_AWS
    container = company.container()
    refused(container, FailureKind.AWS_UNAVAILABLE)
    refused(container, FailureKind.AWS_UNAVAILABLE)
    refused(company.container(), FailureKind.SIGN_IN_BUSY)

    company.secret.write_outage = None

    assert container.token().value == "a1"
    assert company.secret.content["refresh_token"] == "r1"
    assert company.container().token().value == "a1"
    assert len(company.endpoint.asked) == 1


def test_grant_stored_late_never_replaces_what_a_person_has_stored_since(company):
    company.secret.write_outage = NO_AWS
    container = company.container()
    refused(container, FailureKind.AWS_UNAVAILABLE)
    company.secret.write_outage = None
    company.secret.content["refresh_token"] = company.endpoint.good = "by hand"

    assert container.token().value == "a2"
    assert [each.refresh_token for each in company.endpoint.asked] == ["r0", "by hand"]


def test_stale_read_never_spends_a_refresh_token_twice(company):
    company.container().token()
    stored, stale = company.secret.content, {"client_id": "c", "client_secret": "s", "refresh_token": "r0"}
    company.secret.content = stale

    def wait(seconds):
        company.clock.wait(seconds)
        company.secret.content = stored

    container = broker(company.secret, company.endpoint, company.turns, (), company.clock, wait)

    assert container.token().value == "a1"
    assert len(company.endpoint.asked) == 1


def test_turn_that_was_lost_spends_nothing(company, monkeypatch):
    monkeypatch.setattr(FakeTurns, "mark", lambda *_: False)

    refused(company.container(), FailureKind.SIGN_IN_BUSY)

    assert company.endpoint.asked == []


@pytest.mark.parametrize("part", ["secret", "turns"])
def test_aws_that_refuses_is_told_and_nothing_is_asked(company, part):
    getattr(company, part).outage = NO_AWS

    refused(company.container(), FailureKind.AWS_UNAVAILABLE)

    assert company.endpoint.asked == []


def test_token_is_not_sent_to_strangers_and_the_rotated_one_is_not_lost(company):
    company.endpoint.instance_url = "https://evil.example"

    assert "evil.example" in refused(company.container(), FailureKind.CONFIGURATION_INVALID).detail
    refused(company.container(), FailureKind.CONFIGURATION_INVALID)

    assert len(company.endpoint.asked) == 1
    assert company.secret.content["refresh_token"] == "r1"
    assert company.container({"evil.example"}).token().value == "a1"


@pytest.mark.parametrize(
    "keys",
    [{"grant": "client_credentials"}, {"grant": "jwt_bearer", "username": "u", "private_key": "k"}],
    ids=lambda keys: keys["grant"],
)
def test_other_grants_share_their_session_too(company, keys):
    company.secret.content |= keys

    first, second = company.container(), company.container()
    first.discard(first.token())

    assert {first.token().value, second.token().value} == {"a2"}
    assert company.secret.content["refresh_token"] == "r0"
