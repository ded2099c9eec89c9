"""How the org works bulk jobs off; a test may change it while the org runs."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class BulkSettings(BaseModel):
    """What is not given stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows_per_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Rows of one job that are written in a second of the org's clock; 0 writes all at the next look."""
    starts_after_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Seconds that a closed job waits."""
    daily_batches: Annotated[int, Field(ge=0)] = 15_000
    daily_query_jobs: Annotated[int, Field(ge=0)] = 10_000
    permits_hard_delete: bool = False
    """Whether the user has "Bulk API Hard Delete"."""
