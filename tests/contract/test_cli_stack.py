"""The command names the stack's parts as the template and the local stack do."""

from cli import auth_connection, stack
from local.stack import deploy, environment
from local.stack.folders import Folders
from tests.contract.template import template


def test_command_knows_what_make_up_deploys_and_as_whom(tmp_path):
    assert stack.LOCAL_STACK == deploy.STACK_NAME
    assert stack.LOCAL_REGION == environment.REGION
    assert stack.LOCAL_KEY == environment.ACCESS_KEY == environment.SECRET_KEY
    assert Folders(tmp_path).state_file == tmp_path / stack.STATE_FILE


def test_every_resource_and_parameter_that_the_command_asks_for_is_in_the_template():
    found = template()

    assert {
        auth_connection.CONNECTION_TABLE,
        auth_connection.LEASE_TABLE,
        auth_connection.MONITOR_FUNCTION,
        auth_connection.INBOUND_QUEUE,
    } <= set(found["Resources"])
    assert {stack.LOGIN_URL, auth_connection.ALLOWED_HOSTS, stack.STAGE} <= set(found["Parameters"])
    assert {stack.PRODUCTION, stack.SANDBOX} <= set(found["Parameters"]["Stage"]["AllowedValues"])
