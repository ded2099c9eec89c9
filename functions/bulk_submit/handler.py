"""Makes ingest jobs of chunks."""

from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from lockstep.domain.budget import Lane
from lockstep.runtime.bulk_batch import process_chunks
from lockstep.runtime.connection_metrics import count_api_calls
from lockstep.runtime.job_parts import build_submit_chunk
from lockstep.runtime.observability import logger, metrics
from lockstep.runtime.settings import BulkSettings
from lockstep.runtime.sqs_batch import PartialBatchResponse

if TYPE_CHECKING:
    from lockstep.runtime.job_parts import SubmitParts


@cache
def submit_chunk() -> "SubmitParts":
    """Build the use case once per execution environment."""
    return build_submit_chunk(BulkSettings.from_env())


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialBatchResponse:
    """Return the messages that the queue must deliver again."""
    parts = submit_chunk()
    answer = process_chunks(event, context, parts.use_case)
    count_api_calls(Lane.FILES, parts.meter.drain())
    return answer
