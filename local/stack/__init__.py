"""The local stack: MiniStack and the local org, with the real template deployed on them; `Stack` is its API."""

from local.stack.failure import StackError
from local.stack.stack import Stack

__all__ = ["Stack", "StackError"]
