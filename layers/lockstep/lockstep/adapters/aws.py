"""How every adapter calls AWS: time limits, retries, parallel calls, and errors as ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lockstep.domain.failures import FailureKind, SyncError

CALLS_AT_ONCE = 16
RETRY_AFTER_S = 5
# Short, so that a stuck connection costs one retry and not the function's whole time.
CLIENT_CONFIG = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=CALLS_AT_ONCE,
)

Item = TypeVar("Item")
Result = TypeVar("Result")


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="aws")


def call_all(call: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call for every item, several at once; results in order.

    For conditional writes only, which have no batch call. The first error is raised after all calls have ended: one
    that outlived its batch would claim a record for nobody.
    """
    if len(items) <= 1:
        return [call(item) for item in items]
    futures = [_pool().submit(call, item) for item in items]
    wait(futures)
    return [future.result() for future in futures]


class ConditionNotMetError(Exception):
    """Raised when a conditional write met another state than it asked for; holds the item that it met."""

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__()
        self.item = item


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Turn what boto3 raises into AWS_UNAVAILABLE; AWS's code is kept, its text may hold values and is not.

    Raises:
        ConditionNotMetError: A conditional write was refused.
        SyncError: AWS_UNAVAILABLE, with AWS's error code.
    """
    try:
        yield
    except ClientError as exc:
        code = exc.response.get("Error", {}).get("Code", "Unknown")
        if code == "ConditionalCheckFailedException":
            raise ConditionNotMetError(exc.response.get("Item", {})) from exc  # type: ignore[arg-type]
        raise _unavailable(doing, code) from exc
    except BotoCoreError as exc:
        raise _unavailable(doing, type(exc).__name__) from exc


def checked_range(answer: Mapping[str, Any], first: int, end: int) -> Any:
    """Return the body of an object's range, where it is as long as was asked for.

    A store that leaves out the range would hand out rows that belong to others.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    if answer["ContentLength"] != end - first:
        raise _unavailable("reading a part of a file: another part came than was asked for", "RangeIgnored")
    return answer["Body"]


def _unavailable(doing: str, code: str) -> SyncError:
    return SyncError(
        FailureKind.AWS_UNAVAILABLE, f"AWS refused while {doing}", error_code=code, retry_after_s=RETRY_AFTER_S
    )
