"""What a client says of a job when it creates one."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from local.org.bulk.words import ColumnDelimiter, LineEnding, Operation, QueryOperation


class _Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    content_type: Annotated[Literal["CSV"], Field(alias="contentType")] = "CSV"
    column_delimiter: Annotated[ColumnDelimiter, Field(alias="columnDelimiter")] = ColumnDelimiter.COMMA
    line_ending: Annotated[LineEnding, Field(alias="lineEnding")] = LineEnding.LF


class IngestSpec(_Spec):
    """The body of POST jobs/ingest."""

    object: str
    operation: Operation
    external_id_field: Annotated[str | None, Field(alias="externalIdFieldName")] = None
    assignment_rule_id: Annotated[str | None, Field(alias="assignmentRuleId")] = None


class QuerySpec(_Spec):
    """The body of POST jobs/query."""

    operation: QueryOperation
    query: str
