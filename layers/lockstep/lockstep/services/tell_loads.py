"""What people are told of loads whose jobs do not do what jobs do."""

from datetime import timedelta

from lockstep.domain.chunks import Chunk
from lockstep.domain.comparisons import Comparison
from lockstep.domain.loads import Load
from lockstep.services.collect_results import Collected
from lockstep.services.load_desk import LoadDesk

_SETUP = "In Salesforce: Setup, Bulk Data Load Jobs"


def tell_stuck(desk: LoadDesk, load: Load, chunk: Chunk, after: timedelta) -> None:
    """Say that a job has not ended, once for each load.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    minutes = int(after.total_seconds() // 60)
    text = (
        f"The ingest job {chunk.job_id} of chunk {chunk.number} of {load.name} (load {load.load_id}) has not ended in "
        f"{minutes} minutes (BULK_JOB_STUCK). It is watched on, and nothing of it is lost.\n\n"
        f"{_SETUP} shows it: Salesforce may have other jobs before it, or a trigger may be slow. "
        f"Only abort it there where you want its rows to wait for you."
    )
    desk.tell.tell(f"load#{load.load_id}#stuck", "Lockstep: an ingest job does not end", text)


def tell_list_stuck(desk: LoadDesk, load: Load, comparison: Comparison, after: timedelta) -> None:
    """Say that the org does not come to an end with its list of records, once for each load.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    minutes = int(after.total_seconds() // 60)
    text = (
        f"The query job {comparison.job_id}, with which {load.name} (load {load.load_id}) is compared with the org, "
        f"has not ended in {minutes} minutes (BULK_JOB_STUCK). It is watched on; the file's rows are loaded, and what "
        f"the file does not name stays as it is until then.\n\n"
        f"{_SETUP} shows it: Salesforce may have other jobs before it. Abort it there where you want the load to wait "
        f"for you."
    )
    desk.tell.tell(f"load#{load.load_id}#stuck-list", "Lockstep: a query job does not end", text)


def tell_left(desk: LoadDesk, load: Load, chunk: Chunk, after: timedelta) -> None:
    """Say that a backlog is not left to its job any longer, once for each load.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    minutes = int(after.total_seconds() // 60)
    text = (
        f"The ingest job {chunk.job_id} of the {load.name} (load {load.load_id}) has not ended in {minutes} minutes "
        f"(BULK_JOB_STUCK). Its {chunk.job.submitted} changes have gone back to the inbound queue and go by REST; "
        f"where the job goes on, Salesforce refuses those of its rows that are older by then.\n\n"
        f"{_SETUP} shows it: Salesforce may have other jobs before it, or a trigger may be slow. It may be aborted."
    )
    desk.tell.tell(f"load#{load.load_id}#stuck", "Lockstep: an ingest job does not end", text)


def tell_misread(desk: LoadDesk, load: Load, chunk: Chunk) -> None:
    """Say that other rows were read than were cut, once for each load.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    text = (
        f"Chunk {chunk.number} of {load.name} (load {load.load_id}) was cut as {chunk.rows_at.rows:,} rows, and "
        f"{chunk.read:,} were read of it (ROWS_UNACCOUNTED). Either rows were lost, or something that is no row was "
        f"taken for one. What was read goes on.\n\n"
        f"`lockstep load show {load.load_id}` shows each such chunk. Compare the records with the file, and report it."
    )
    desk.tell.tell(f"load#{load.load_id}#misread", "Lockstep: a file was not read as it was cut", text)


def tell_unaccounted(desk: LoadDesk, load: Load, chunk: Chunk, collected: Collected) -> None:
    """Say that a job's results do not add up.

    Raises:
        SyncError: AWS_UNAVAILABLE.
    """
    job = collected.job
    text = (
        f"The results of the ingest job {chunk.job_id} of chunk {chunk.number} of {load.name} (load {load.load_id}) do "
        f"not add up (ROWS_UNACCOUNTED): {job.submitted} rows were submitted, and the results name {job.successful} "
        f"successful, {job.failed} failed and {job.unprocessed} unprocessed ones. {job.missing} rows are named by none "
        f"and go again; {collected.unknown} results name no row of the job.\n\n"
        f"The results are kept under loads/{load.load_id}/results/ in the payload bucket."
    )
    desk.tell.tell(f"load#{load.load_id}#unaccounted", "Lockstep: the results of an ingest job do not add up", text)
