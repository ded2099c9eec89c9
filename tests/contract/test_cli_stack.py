"""The command and the local stack say the same of it."""

from cli import stack
from local.stack import deploy, environment
from local.stack.folders import Folders


def test_command_knows_what_make_up_deploys_and_as_whom(tmp_path):
    assert stack.LOCAL_STACK == deploy.STACK_NAME
    assert stack.LOCAL_REGION == environment.REGION
    assert stack.LOCAL_KEY == environment.ACCESS_KEY == environment.SECRET_KEY
    assert Folders(tmp_path).state_file == tmp_path / stack.STATE_FILE
