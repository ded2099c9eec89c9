"""Where a load's own files lie in the bucket."""

from lockstep.domain.bulk_results import ResultFile
from lockstep.domain.chunks import Chunk

FOLDER = "loads"


def manifest_key(chunk: Chunk) -> str:
    """Return the key of the list of rows that an attempt submitted."""
    return f"{_folder(chunk)}/rows/{_attempt(chunk)}.list.csv"


def rest_key(chunk: Chunk) -> str:
    """Return the key of the rows that an attempt leaves to the next one."""
    return f"{_folder(chunk)}/rows/{_attempt(chunk)}.rest.csv"


def manifest_keys(chunk: Chunk) -> list[str]:
    """Return the keys of the lists of all attempts so far, the first one's first."""
    return [manifest_key(chunk.model_copy(update={"attempt": attempt})) for attempt in range(1, chunk.attempt + 1)]


def repeat_key(load_id: str) -> str:
    """Return the key of the rows that go once more at a load's end."""
    return f"{FOLDER}/{load_id}/rows/repeat.csv"


def result_key(chunk: Chunk, which: ResultFile) -> str:
    """Return the key of a result file: of what Salesforce gave, the rows' External IDs and what it says of each."""
    return f"{_folder(chunk)}/results/{_attempt(chunk)}.{which}.csv"


def rejects_key(chunk: Chunk, step: str) -> str:
    """Return the key of the rows that somebody has to correct; `step` tells those of mapping from those of the job."""
    return f"{_folder(chunk)}/rejects/{_attempt(chunk)}.{step}.csv"


def keys_key(load_id: str, number: int) -> str:
    """Return the key of the External IDs of a chunk's rows, as they were in the file."""
    return f"{FOLDER}/{load_id}/rows/{number:06d}.keys"


def missing_key(load_id: str, run: int, number: int) -> str:
    """Return the key of a list of records that the file does not name; a further run makes lists of its own."""
    return f"{FOLDER}/{load_id}/missing/{run:02d}.{number:06d}.csv"


def slot_name(chunk: Chunk) -> str:
    """Name who has a slot for a job."""
    return f"{chunk.load_id}.{chunk.number}"


def claim_owner(chunk: Chunk) -> str:
    """Name who holds the records of a chunk: the same after a crash, and in its next attempt."""
    return f"{chunk.load_id}.{chunk.number}"


def _folder(chunk: Chunk) -> str:
    return f"{FOLDER}/{chunk.load_id}"


def _attempt(chunk: Chunk) -> str:
    return f"{chunk.number:06d}.{chunk.attempt}"
