"""Lockstep's own way: the file put into the drops bucket of a deployed local stack, followed until all is booked."""

import time
from pathlib import Path

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from local.stack import Stack
from lockstep.adapters.load_table import DynamoDbLoadBook
from lockstep.domain.loads import LoadState
from lockstep.domain.row_counts import RowCounts

_AT_WORK = (LoadState.SPLITTING, LoadState.RUNNING)


def load_file(stack: Stack, route: str, file: Path, deadline_s: float) -> tuple[RowCounts, float]:
    """Put the file there and wait for the end of its load; return where its rows are, and the seconds it took.

    Raises:
        SystemExit: It has not ended in time, or it waits for a person.
    """
    book = DynamoDbLoadBook(stack.outputs["LoadTableName"], stack.aws("dynamodb"))
    known = {each.load_id for each in book.recent(100)}
    started = time.perf_counter()
    stack.aws("s3").upload_file(str(file), stack.outputs["DropsBucketName"], f"{route}/{file.name}")
    waiting = Retrying(
        stop=stop_after_delay(deadline_s),
        wait=wait_fixed(0.5),
        retry=retry_if_result(lambda load: load is None or load.state in _AT_WORK),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    load = waiting(lambda: next((each for each in book.recent(100) if each.load_id not in known), None))
    seconds = time.perf_counter() - started
    if load is None or load.state is not LoadState.DONE:
        raise SystemExit(f"the load has not ended: {load}")
    return load.totals or load.counts, seconds
