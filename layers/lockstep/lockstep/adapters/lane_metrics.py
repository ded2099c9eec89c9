"""Reads from CloudWatch what the lane has counted, and how old the oldest message of a queue is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from lockstep.adapters.aws import aws_errors
from lockstep.domain.changes import State

SERVICE = "upsert"
_COUNTED = (State.APPLIED, State.SUPERSEDED, State.DUPLICATE, State.PENDING, State.RETRYING, State.ABANDONED)
_AGE_IS_KNOWN_FOR = timedelta(minutes=10)
_PERIOD_S = 60


def namespace(stack_name: str) -> str:
    """Return where the functions of a stack count (template.yaml: POWERTOOLS_METRICS_NAMESPACE)."""
    return f"Lockstep/{stack_name}"


class LaneFigures(NamedTuple):
    """What was counted; `counts` is empty where nothing was, and an age is None where it is not known."""

    counts: Mapping[State, int]
    ages_s: Sequence[float | None]


class LaneMetrics:
    """Reads CloudWatch.

    Args:
        client: Of CloudWatch.
        stack_name: Each stack counts in a namespace of its own.
    """

    def __init__(self, client: Any, stack_name: str) -> None:
        self._client = client
        self._namespace = namespace(stack_name)

    def figures(self, since: datetime, until: datetime, queue_names: Sequence[str]) -> LaneFigures:
        """Return how many changes came to each state, and the age of each queue's oldest message now.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        counts = [_query(f"c{n}", self._namespace, f"Changes{state.value}", "service", SERVICE, "Sum")
                  for n, state in enumerate(_COUNTED)]  # fmt: skip
        ages = [_query(f"a{n}", "AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name, "Maximum")
                for n, name in enumerate(queue_names)]  # fmt: skip
        found = self._read([*counts, *ages], since, until)
        return LaneFigures(
            {state: round(sum(value for _, value in found[f"c{n}"]))
             for n, state in enumerate(_COUNTED) if found.get(f"c{n}")},
            [_latest(found.get(f"a{n}", ()), until) for n in range(len(queue_names))],
        )  # fmt: skip

    def _read(
        self, queries: Sequence[Any], since: datetime, until: datetime
    ) -> dict[str, list[tuple[datetime, float]]]:
        asked: dict[str, Any] = {"MetricDataQueries": queries, "StartTime": since, "EndTime": until}
        found: dict[str, list[tuple[datetime, float]]] = {}
        while asked:
            with aws_errors("reading the metrics"):
                answer = self._client.get_metric_data(**asked)
            for result in answer["MetricDataResults"]:
                found.setdefault(result["Id"], []).extend(zip(result["Timestamps"], result["Values"], strict=True))
            more = answer.get("NextToken")
            asked = {**asked, "NextToken": more} if more else {}
        return found


def _query(name: str, namespace: str, metric: str, *dimension_and_statistic: str) -> dict[str, Any]:
    dimension, value, statistic = dimension_and_statistic
    named = {"Namespace": namespace, "MetricName": metric, "Dimensions": [{"Name": dimension, "Value": value}]}
    return {"Id": name, "MetricStat": {"Metric": named, "Period": _PERIOD_S, "Stat": statistic}}


def _latest(values: Sequence[tuple[datetime, float]], now: datetime) -> float | None:
    known = [each for each in values if each[0] >= now - _AGE_IS_KNOWN_FOR]
    return max(known)[1] if known else None
