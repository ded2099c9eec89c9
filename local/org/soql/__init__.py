"""The local org's SOQL: `run_query` and `describe_columns` over anything that offers the tables of `tables.py`."""

from local.org.soql.columns import describe_columns
from local.org.soql.engine import QueryResult, run_query, stream_query
from local.org.soql.errors import SoqlError
from local.org.soql.tables import Record, Table, Tables

__all__ = ["QueryResult", "Record", "SoqlError", "Table", "Tables", "describe_columns", "run_query", "stream_query"]
