"""How a command chooses the stack, and what it reads of it."""

import json

import pytest

from cli.failure import CannotError
from cli.stack import DEFAULT_STACK, LOCAL_STACK, DeployedStack, chosen_stack
from lockstep.domain.failures import SyncError
from tests.fakes.cloud_formation import FakeCloudFormation

AWS_URL = "https://127.0.0.1:4566"


@pytest.fixture
def cloud_formation(monkeypatch):
    fake = FakeCloudFormation(
        "acme-sandbox",
        {"SalesforceLoginUrl": "https://test.salesforce.com"},
        {
            "LeaseTable": "acme-LeaseTable-1",
            "ChangeLogTable": "acme-ChangeLogTable-2",
            "UpsertFunction": "acme-Upsert-3",
        },
        {"InboundQueueUrl": "https://sqs.example/inbound"},
    )
    monkeypatch.setattr(DeployedStack, "client", lambda _self, service: {"cloudformation": fake}[service])


@pytest.fixture
def state_folder(tmp_path):
    state = {"processes": {}, "aws_url": AWS_URL, "org": {"ca_file": str(tmp_path / "ca.pem")}}
    (tmp_path / "stack.json").write_text(json.dumps(state))
    (tmp_path / "ca.pem").write_text("")
    return tmp_path


def test_names_come_from_the_stack_in_aws_from_every_page(cloud_formation):
    stack = chosen_stack("acme-sandbox", None)

    assert stack.login_url == "https://test.salesforce.com"
    assert stack.output("InboundQueueUrl") == "https://sqs.example/inbound"
    assert stack.physical_id("LeaseTable") == "acme-LeaseTable-1"
    assert stack.physical_id("UpsertFunction") == "acme-Upsert-3"
    assert stack.secret_prefix == "acme-sandbox/"


def test_what_the_stack_does_not_have_is_named(cloud_formation):
    with pytest.raises(CannotError, match="acme-sandbox has no resource ConnectionTable"):
        chosen_stack("acme-sandbox", None).physical_id("ConnectionTable")


def test_stack_that_is_not_there_is_named_with_the_option(cloud_formation):
    with pytest.raises(SyncError, match=r"stack nowhere.*--stack"):
        _ = chosen_stack("nowhere", None).login_url


def test_state_folder_means_the_local_stack_whatever_the_name(state_folder):
    stack = chosen_stack("acme-sandbox", state_folder)

    assert stack.name == LOCAL_STACK
    assert stack.local is not None
    assert stack.local.aws_url == AWS_URL
    assert stack.client("dynamodb").meta.endpoint_url == AWS_URL


def test_stack_in_aws_is_spoken_to_with_the_persons_own_credentials():
    assert "amazonaws.com" in chosen_stack(DEFAULT_STACK, None).client("dynamodb").meta.endpoint_url


@pytest.mark.parametrize(
    "state",
    [{}, [], {"aws_url": "", "org": None}, {"aws_url": AWS_URL, "org": {}}],
    ids=["empty", "list", "half", "org"],
)
def test_local_stack_that_is_not_up_is_said(tmp_path, state):
    (tmp_path / "stack.json").write_text(json.dumps(state))

    with pytest.raises(CannotError, match="make up"):
        chosen_stack(DEFAULT_STACK, tmp_path)
