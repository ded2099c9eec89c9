"""Puts a file where it is loaded from, and follows its load to its end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from cli.failure import CannotError
from cli.load_facts import LoadFacts
from cli.load_parts import LoadParts
from cli.load_rejects import WantedFile
from cli.shown import plain, say
from lockstep.adapters.aws import aws_errors
from lockstep.adapters.drop_files import PART_OF, WRITTEN_AT
from lockstep.domain.loads import Load, LoadState, load_id

LOOK_AGAIN_S = 2.0
# S3's notification is at the function within seconds; a cold start and a queue before it take some more.
BEGINS_WITHIN = timedelta(minutes=5)
_ENDED = (LoadState.DONE, LoadState.STOPPED, LoadState.WAITING)
# Fixed, so that the same file has the same ETag, and so is the same load.
_PARTS = TransferConfig(multipart_threshold=64 * 1024**2, multipart_chunksize=64 * 1024**2)


@dataclass(frozen=True, slots=True)
class Put:
    """What was put: the load that it becomes, and whether that load was there before."""

    load_id: str
    key: str
    version: str
    before: Load | None


def put_file(parts: LoadParts, wanted: WantedFile, key: str, console: Console) -> Put:
    """Upload a file with a progress bar.

    Raises:
        CannotError: It cannot be read, or AWS refuses.
        SyncError: AWS refuses.
    """
    file, said = wanted.file, {WRITTEN_AT: wanted.written_at.astimezone(UTC).isoformat()}
    if wanted.part_of:
        said[PART_OF] = wanted.part_of
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
        console=console, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(f"putting {plain(file.name)}", total=file.stat().st_size)
        try:
            parts.s3.upload_file(
                str(file),
                parts.drops_bucket,
                key,
                ExtraArgs={"Metadata": said},
                Callback=lambda amount: bar.update(task, advance=amount),
                Config=_PARTS,
            )
        except S3UploadFailedError as exc:
            raise CannotError(f"{file}: AWS did not take it: {exc}") from None
    with aws_errors("looking at what was put"):
        head: Any = parts.s3.head_object(Bucket=parts.drops_bucket, Key=key)
    content = f"{head['ETag'].strip(chr(34))}:{head['ContentLength']}"
    name = load_id(parts.drops_bucket, key, content)
    before = parts.book.load(name)
    is_older = before is not None and before.started_at < head["LastModified"] - timedelta(seconds=1)
    return Put(name, key, head.get("VersionId", ""), before if is_older else None)


def follow(
    parts: LoadParts, name: str, console: Console, clock: Callable[[], datetime], wait: Callable[[float], None]
) -> LoadFacts:
    """Wait for a load's end, or until it waits for a person; show meanwhile where its rows are.

    Raises:
        CannotError: It does not begin.
        SyncError: AWS refuses.
    """
    begun_at = clock()
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f} rows"),
        TimeRemainingColumn(), console=console, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("waiting for the splitter", total=1)
        while True:
            load = parts.book.load(name)
            if load is None and clock() - begun_at > BEGINS_WITHIN:
                raise CannotError(
                    f"nobody has taken the file in for {BEGINS_WITHIN.seconds // 60} minutes: does the function "
                    f"bulk_split run? Its log says more. `lockstep load show {name}` shows the load once it has begun"
                )
            if load is not None:
                facts = parts.counted(load)
                bar.update(task, description=_doing(facts), completed=facts.counts.ended, total=max(facts.rows, 1))
                if load.state in _ENDED:
                    return parts.facts(load)
            wait(LOOK_AGAIN_S)


def _doing(facts: LoadFacts) -> str:
    if not facts.load.is_split:
        return "cutting the file"
    return f"loading ({facts.in_flight:,} in flight)" if facts.in_flight else "loading"


def say_known(put: Put, console: Console) -> None:
    """Say that this very file was loaded before."""
    if put.before is not None:
        say(
            console,
            f"This very file was put under this name before, and is the load {put.load_id} "
            f"({put.before.state}); --again loads it anew.",
        )
