"""What people decide of a load: it goes on, or it is given up."""

from cli.failure import CannotError
from cli.load_parts import LoadParts
from cli.org import utc_now
from cli.shown import confirmed
from lockstep.domain.comparisons import Stage
from lockstep.domain.drops import GoOn
from lockstep.domain.loads import Load, LoadState
from lockstep.services.resume_load import ResumeLoad


def agrees_to_missing(load: Load, *, agrees: bool) -> bool:
    """Ask whether what a whole file does not name is to be taken away.

    Raises:
        CannotError: Nothing of the kind is asked, or the person does not agree.
    """
    if not _asks(load):
        raise CannotError(f"load {load.load_id} does not ask for that; `lockstep load show {load.load_id}` says more")
    if not agrees and not confirmed(f"{load.waits_for}.\nTake them away?"):
        raise CannotError("nothing was changed")
    return True


def resume_load(parts: LoadParts, load: Load, *, accepts_missing: bool) -> str:
    """Let a load go on that waits; return what was done.

    Raises:
        CannotError: It does not wait, or for consent that was not given.
        SyncError: AWS refuses.
    """
    if load.state is not LoadState.WAITING:
        raise CannotError(f"load {load.load_id} is {load.state}: only what waits for a person can be resumed")
    if _asks(load) and not accepts_missing:
        raise CannotError(f"load {load.load_id} asks: {load.waits_for}")
    resumed = 0 if _is_held(load) else ResumeLoad(parts.load_desk)(load.load_id, accepts_missing=accepts_missing)
    if load.is_split and not _is_held(load):
        return f"goes on, with {resumed} of its chunks that waited"
    _cut_on(parts, load.load_id)
    return "is read again" + (f", and {resumed} chunks go on that waited" if resumed else "")


def _asks(load: Load) -> bool:
    """True of one whose file does not name more records than may be taken away without a person."""
    is_asking = load.comparison is not None and load.comparison.stage is Stage.ASKING
    return is_asking and load.state is LoadState.WAITING


def _is_held(load: Load) -> bool:
    """True of one that goes wholly or not at all, and has not gone."""
    return load.all_or_nothing and (load.faults > 0 or not load.is_split or load.checked_chunks < load.chunks)


def _cut_on(parts: LoadParts, load_id: str) -> None:
    """Let the splitter go on; what it has checked of one that goes wholly or not at all is checked again."""

    def again(load: Load) -> Load:
        checked = {"checked_chunks": 0, "faults": 0, "file_problems": ()} if load.is_split else {}
        return load.changed(state=LoadState.SPLITTING, waits_for="", **checked)

    parts.load_desk.change_load(load_id, again)
    parts.load_desk.tell.forget(f"load#{load_id}#waits")
    parts.drop_queue.go_on([GoOn(load_id=load_id)])


def stop_load(parts: LoadParts, load: Load, *, agrees: bool) -> str:
    """Give a load up; what is in a job by then is still counted.

    Raises:
        CannotError: It has ended, it is a backlog that goes on by itself, or the person does not agree.
        SyncError: AWS refuses.
    """
    if load.state in (LoadState.DONE, LoadState.STOPPED):
        raise CannotError(f"load {load.load_id} is {load.state} already")
    if load.is_backlog and load.state is not LoadState.WAITING:
        raise CannotError(
            f"load {load.load_id} holds changes that were accepted one by one, so it is not given up. What no job has "
            "written goes back to the inbound queue by itself, after BulkGiveBackMinutes at the latest"
        )
    if not agrees and not confirmed(f"{_left_behind(load)} Give the load up?"):
        raise CannotError("nothing was changed")
    stopped = {"state": LoadState.STOPPED, "waits_for": "", "ended_at": utc_now()}
    parts.load_desk.change_load(load.load_id, lambda present: present.changed(**stopped))
    return f"given up by {parts.person()}"


def _left_behind(load: Load) -> str:
    if load.is_backlog:
        return "Its changes stay Queued, nothing writes them, and `lockstep account` tells of them from now on."
    return "Rows that are in no job yet will not be loaded."
