"""What the triggers of one transaction used, and the refusal of the chunk that uses more."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from local.org.automation.plans import Costs
from local.org.errors import RowError

CODE = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
_Limit = Annotated[int, Field(ge=0, le=10**9)]


class ApexLimits(BaseModel):
    """What a synchronous transaction may use ("Execution Governors and Limits")."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    queries: _Limit = 100
    query_rows: _Limit = 50_000
    dml_statements: _Limit = 150
    dml_rows: _Limit = 10_000
    cpu_ms: _Limit = 10_000


class ChunkError(RowError):
    """The refusal of every row of a chunk: Apex caught nothing."""


class Meter:
    """Adds up what one chunk's triggers use."""

    def __init__(self, limits: ApexLimits) -> None:
        self._limits = limits
        self._used = dict.fromkeys(Costs.model_fields, 0)
        self._begun: set[tuple[str, str]] = set()

    def begins(self, trigger: str, moment: str) -> bool:
        """Tell whether a trigger runs for its first record of the chunk, where its costs of a chunk are due."""
        is_first = (trigger, moment) not in self._begun
        self._begun.add((trigger, moment))
        return is_first

    def use(self, trigger: str, costs: Costs) -> None:
        """Count costs.

        Raises:
            ChunkError: A limit is passed.
        """
        for name, amount in costs:
            self._used[name] += amount
            limit = getattr(self._limits, name)
            if self._used[name] > limit:
                raise ChunkError(CODE, f"{trigger}: System.LimitException: {_MESSAGES[name].format(limit + 1)}")


_MESSAGES = {
    "queries": "Too many SOQL queries: {}",
    "query_rows": "Too many query rows: {}",
    "dml_statements": "Too many DML statements: {}",
    "dml_rows": "Too many DML rows: {}",
    "cpu_ms": "Apex CPU time limit exceeded",
}
