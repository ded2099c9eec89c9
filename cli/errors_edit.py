"""Changes the payload of a failure: in the person's editor, checked by the route, the original kept."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from rich.console import Console

from cli.errors_show import entry_named, text_of
from cli.failure import CannotError, read_text
from cli.org import utc_now
from cli.parts import StackParts
from cli.routes import routes_folder
from cli.shown import confirmed, pretty_json, print_json, say
from lockstep.domain.also_records import NotMeant, records_of
from lockstep.domain.changes import Change, Operation
from lockstep.domain.error_list import Edit
from lockstep.domain.error_log import MAX_BODY_BYTES, EntryStatus, ErrorEntry
from lockstep.domain.json_text import dump_json, parse_json
from lockstep.domain.mapped import Unmappable
from lockstep.domain.mapping import compile_route
from lockstep.domain.messages import message_body
from lockstep.runtime.route_files import load_route_models

_UNTOUCHED = "nothing was changed"


def edit_error(parts: StackParts, name: str, config: Path, *, payload_file: Path | None, as_json: bool) -> None:
    """Let a person change a payload until it can be mapped, and store it.

    Raises:
        CannotError: It cannot be edited, or the person gives up; nothing was changed.
        SyncError: AWS refuses.
    """
    console = Console(stderr=as_json)
    entry, notes = entry_named(parts, name), parts.desk.notes(name)
    change = _editable(entry)
    before = text_of(parts, change)
    if before is None:
        raise CannotError("the payload was deleted when its time was up; the source must send the event again")
    text = _mappable(change, before, config, payload_file)
    is_edited = text != before
    if is_edited:
        _store(parts, entry, change, text, len(notes.edits), console)
    else:
        say(console, f"The payload is as it was; {_UNTOUCHED}.")
    if as_json:
        print_json({"correlation_id": name, "is_edited": is_edited, "edits": len(notes.edits) + is_edited})


def _store(parts: StackParts, entry: ErrorEntry, change: Change, text: str, edits: int, console: Console) -> None:
    edit = Edit(utc_now(), parts.person())
    if not parts.desk.replace_payload(_with_payload(parts, change, dump_json(parse_json(text))), edit, after=edits):
        raise CannotError(f"{_UNTOUCHED}: the failure was resolved meanwhile, or somebody else has edited it")
    say(console, f"The payload is edited, by {edit.by}; the original is kept beside it.")
    say(console, f"To send it: `lockstep errors retry {entry.correlation_id}`")
    if entry.status is EntryStatus.RETRYING:
        say(console, "A try that is on its way is made with the former payload; the next one with yours.")


def _editable(entry: ErrorEntry) -> Change:
    if entry.status is EntryStatus.RESOLVED:
        raise CannotError("the failure is resolved: there is nothing left to send")
    if entry.change is None:
        raise CannotError(
            "the message is no change, and an envelope made by hand would be believed: let the source send the event "
            f"again. Where another version of Lockstep wrote it, `lockstep errors retry {entry.correlation_id}` sends "
            "it as it is once the deployed version can read it"
        )
    if entry.change.operation is Operation.DELETE:
        raise CannotError("the change is a delete: its payload is never read. `errors retry` or `errors abandon`")
    return entry.change


def _mappable(change: Change, before: str, config: Path, payload_file: Path | None) -> str:
    """Return a text that the route can map; asks again and again where a person is at an editor."""
    if payload_file is not None:
        text = read_text(payload_file)
        if _is_same(before, text):
            return before
        if problems := _problems(change, text, config):
            raise CannotError(f"{_UNTOUCHED}:\n" + "\n".join(problems))
        return text
    text = pretty_json(before)
    while True:
        text = _edited(text)
        if _is_same(before, text):
            return before
        problems = _problems(change, text, config)
        if not problems:
            return text
        say(Console(stderr=True), "\n".join(problems))
        if not confirmed("Edit it again?"):
            raise CannotError(_UNTOUCHED)


def _edited(text: str) -> str:
    """Return what the editor leaves; nobody else can read the file meanwhile, and it is gone afterwards."""
    command = _editor()
    with tempfile.TemporaryDirectory(prefix="lockstep-") as folder:
        file = Path(folder) / "payload.json"
        file.touch(mode=0o600)
        file.write_text(text + "\n", encoding="utf-8")
        try:
            ended = subprocess.run([*command, str(file)], check=False)  # noqa: S603 - the person's own editor, no shell
        except OSError as exc:
            raise CannotError(f"{command[0]}: cannot be started: {exc.strerror}. Set EDITOR") from None
        if ended.returncode:
            raise CannotError(f"{command[0]} ended with {ended.returncode}; {_UNTOUCHED}")
        return read_text(file)


def _editor() -> list[str]:
    text = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        return shlex.split(text) or ["vi"]
    except ValueError:
        raise CannotError("EDITOR has a quotation mark that is not closed") from None


def _problems(change: Change, text: str, config: Path) -> list[str]:
    """Return why a payload cannot be sent."""
    try:
        payload = parse_json(text)
    except ValueError as exc:
        return [f"it is not JSON: {exc}"]
    models = load_route_models(routes_folder(config)).values()
    route = next((each for each in models if (each.source, each.entity) == (change.source, change.entity)), None)
    if route is None:
        return [f"no route takes {change.entity} of {change.source}: add one, or name its folder with --config"]
    records = records_of(compile_route(route), payload, change.external_id, change.version, change.correlation_id)
    if isinstance(records, Unmappable):
        return [f"{each.field}: {each.reason}. {each.remedy}" for each in records.problems]
    return ["the route's condition (`when`) does not hold: nothing would be written"] if _is_not_meant(records) else []


def _is_not_meant(records: object) -> bool:
    return isinstance(records, NotMeant)


def _is_same(before: str, after: str) -> bool:
    """Return whether two texts say the same in JSON."""
    try:
        return parse_json(before) == parse_json(after)
    except ValueError:
        return False


def _with_payload(parts: StackParts, change: Change, payload: str) -> Change:
    """Return the change with another payload; what is large lies beside it, as the functions would have put it.

    Its content hash stays: it tells what the source sent, and a second delivery of that is still a duplicate.
    """
    edited = change.model_copy(update={"payload": payload, "payload_reference": None})
    if len(message_body(edited)) <= MAX_BODY_BYTES:
        return edited
    kept = parts.payloads.keep(change.correlation_id, payload)
    return change.model_copy(update={"payload": None, "payload_reference": kept})
