"""`lockstep load`: a file from the disk to the org, its rows counted, its rejects corrected and loaded again."""

import csv
import os

import pytest

from functions.bulk_split import handler as split_handler
from lockstep.domain.chunks import ChunkState
from lockstep.domain.dialects import Dialect, FileFormat
from lockstep.domain.loads import LoadState
from tests.fakes.bulk_lane import KEY, ROUTE, bulk_lane
from tests.fakes.drops_lane import drops_lane, told
from tests.functional.cli_loads import Desk


@pytest.fixture
def desk(tmp_path, monkeypatch):
    with bulk_lane() as lane, drops_lane(monkeypatch):
        yield Desk(lane, tmp_path, monkeypatch)


GOOD = [("k1", 1, "Ada", "Köln"), ("k2", 1, "Bo", "Bonn"), ("k3", 1, "Cy", "")]
BAD = [("k4", 1, "", "Köln"), ("k5", 1, "Eve", "a city that is too long"), ("k6", 1, "Fay")]


@pytest.mark.parametrize("name", ["accounts.csv", "näch tlich+1.csv", "accounts.csv.gz"])
def test_file_is_loaded_to_the_last_row(desk, name):
    code, answer = desk.load(desk.file(*GOOD, name=name))

    assert code == 0
    assert desk.lane.records() == {"k1": "Ada", "k2": "Bo", "k3": "Cy"}
    assert (answer["state"], answer["name"], answer["is_balanced"]) == ("Done", name, True)
    assert (answer["rows"], answer["read"], answer["mapped"], answer["succeeded"], answer["in_flight"]) == (
        3,
        3,
        3,
        3,
        0,
    )
    assert answer["jobs_rows"] == {"submitted": 3, "successful": 3, "failed": 0, "unprocessed": 0}
    assert [job["chunk"] for job in answer["jobs"]] == [1, 2]
    assert all(job["url"].endswith(f"address=%2F{job['job_id']}") for job in answer["jobs"] if job["url"])


def test_bad_rows_are_counted_and_their_rejects_named(desk):
    code, answer = desk.load(desk.file(*GOOD, *BAD))

    assert code == 1
    assert (answer["read"], answer["succeeded"], answer["rejected"], answer["is_balanced"]) == (6, 3, 3, True)
    assert sum(answer["failures"].values()) == 3
    assert all(place.startswith(f"s3://payloads/loads/{answer['load_id']}/rejects/") for place in answer["rejects"])


def test_rejects_are_fetched_corrected_and_loaded_again(desk, tmp_path):
    _, first = desk.load(desk.file(*GOOD, *BAD))
    rejects = tmp_path / "rejects.csv"

    code, fetched = desk.json("load", "rejects", first["load_id"], "--to", rejects)

    assert (code, fetched["rows"]) == (0, 3)
    with rejects.open(newline="", encoding="utf-8") as opened:
        header, *rows = csv.reader(opened)
    assert header == ["no", "version", "name", "city", "lockstep_line", "lockstep_code", "lockstep_message"]
    assert [row[4] for row in rows] == ["5", "6", "7"]
    corrected = [[row[0], row[1], row[2] or "Dot", "Bonn", *row[4:]] for row in rows]
    with rejects.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([header, *corrected])

    code, again = desk.json("load", rejects, "--rejects", first["load_id"])

    assert code == 0, again
    assert again["succeeded"] == 3
    assert desk.lane.records() == {"k1": "Ada", "k2": "Bo", "k3": "Cy", "k4": "Dot", "k5": "Eve", "k6": "Fay"}
    assert desk.lane.book.load(again["load_id"]).dialect.header == ("no", "version", "name", "city", "lockstep_line")


def corrected(desk, first, *wanted):
    """Fetch the rejects of a load, and write a row over each that is wanted, by its line in the file; the rest goes."""
    path = desk.folder / f"corrected-{first['load_id']}.csv"
    desk.json("load", "rejects", first["load_id"], "--to", path)
    with path.open(newline="", encoding="utf-8") as opened:
        header, *rows = csv.reader(opened)
    at, line_by_row = header.index("lockstep_line"), {row[0]: row for row in wanted}
    kept = [[*line_by_row[int(row[at])][1:], *row[at:]] for row in rows if int(row[at]) in line_by_row]
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([header, *kept])
    return path


def open_lines(desk):
    """Return the details of the open failures, and how the others have ended."""
    entries = desk.lane.world.errors().values()
    return (
        sorted(entry["detail"]["S"] for entry in entries if entry["status"]["S"] != "Resolved"),
        [entry["resolved_as"]["S"] for entry in entries if entry["status"]["S"] == "Resolved"],
    )


def test_failures_are_settled_by_the_rows_that_correct_them_even_those_without_a_key(desk):
    _, first = desk.load(desk.file(*GOOD, *BAD, ("", 1, "Gil", "Bonn")))
    assert len(open_lines(desk)[0]) == 4

    rows = [(5, "k4", 1, "Dot", "Bonn"), (7, "other", 1, "Fay", "Bonn"), (8, "k7", 1, "Gil", "Bonn")]
    code, again = desk.json("load", corrected(desk, first, *rows), "--rejects", first["load_id"])

    assert (code, again["succeeded"]) == (0, 3)
    left, ended = open_lines(desk)
    assert len(left) == 1
    assert "BillingCity" in left[0]
    assert ended == ["Superseded"] * 3
    assert desk.lane.world.states() == {"Superseded": 1, "Pending": 1}


def test_a_corrected_row_that_fails_again_is_one_open_failure_and_its_rejects_are_corrected_like_the_first(desk):
    _, first = desk.load(desk.file(*GOOD, ("", 1, "Gil", "Bonn")))
    code, second = desk.json("load", corrected(desk, first, (5, "k7", 1, "", "Bonn")), "--rejects", first["load_id"])
    assert (code, second["rejected"]) == (1, 1)
    assert len(open_lines(desk)[0]) == 1

    path = corrected(desk, second, (2, "k7", 1, "Gil", "Bonn"))
    assert path.read_text().startswith("no,version,name,city,lockstep_line,lockstep_code,lockstep_message\n")
    code, third = desk.json("load", path, "--rejects", second["load_id"])

    assert (code, third["succeeded"]) == (0, 1)
    assert open_lines(desk) == ([], ["Superseded"] * 2)


def test_failures_of_a_corrected_load_that_was_stopped_stay_open(desk):
    _, first = desk.load(desk.file(*GOOD, ("", 1, "Gil", "Bonn")))
    path = corrected(desk, first, (5, "k7", 1, "Gil", "Bonn"))
    _, second = desk.json("load", path, "--rejects", first["load_id"], "--no-wait")
    desk.split()
    assert desk.json("load", "stop", second["load_id"], "--yes")[0] == 0
    desk.work()

    assert "k7" not in desk.lane.records()
    assert len(open_lines(desk)[0]) == 1


def test_row_with_too_many_cells_is_one_text_among_the_rejects_and_not_loaded_again_cut_off(desk, tmp_path):
    _, first = desk.load(desk.file(*GOOD, ("k7", 1, "Gil", "Bonn", " Attn. Purchasing")))
    rejects = tmp_path / "rejects.csv"
    desk.json("load", "rejects", first["load_id"], "--to", rejects)

    with rejects.open(newline="", encoding="utf-8") as opened:
        (row,) = csv.DictReader(opened)
    assert (row["no"], row["city"]) == ("k7,1,Gil,Bonn, Attn. Purchasing", "")
    assert (row["lockstep_line"], row["lockstep_code"]) == ("5", "MESSAGE_INVALID")
    assert desk.run("load", "--rejects", first["load_id"]).exit_code == 2  # nothing that is right as it stands


def test_corrected_row_with_too_many_cells_is_refused_again(desk, tmp_path):
    _, first = desk.load(desk.file(*GOOD, *BAD))
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("no,version,name,city\nk4,1,Dot, Ltd.,Köln\n", encoding="utf-8")

    code, again = desk.json("load", rejects, "--rejects", first["load_id"])

    assert (code, again["rejected"], again["succeeded"]) == (1, 1, 0)


def test_rejects_are_loaded_again_as_they_are_once_the_route_takes_them(desk):
    _, first = desk.load(desk.file(*GOOD, *BAD))
    desk.lane.route({**ROUTE, "fields": {"Name": {"from": "name", "type": "text", "when_blank": "leave"}}})
    split_handler.take_drops.cache_clear()

    code, again = desk.json("load", "--rejects", first["load_id"])

    assert code == 1 if again["logged"] else code == 0
    assert again["read"] == 2  # the row that could not be read as one needs a person first
    assert "k5" in desk.lane.records()


def test_rejects_of_json_lines_are_json_lines_again(desk, tmp_path):
    path = tmp_path / "accounts.jsonl"
    path.write_text('{"no": "k1", "version": 1, "name": "Ada"}\n{"no": "k2", "version": 1, "name": ""}\nnone\n')
    code, first = desk.load(path)
    assert (code, first["succeeded"], first["rejected"]) == (1, 1, 2)
    rejects = tmp_path / "rejects.csv"
    desk.json("load", "rejects", first["load_id"], "--to", rejects)
    text = rejects.read_text(encoding="utf-8")
    text = text.replace('""name"":""""', '""name"":""Bo""')
    rejects.write_text(text, encoding="utf-8")

    code, again = desk.json("load", rejects, "--rejects", first["load_id"])

    assert (code, again["succeeded"], again["rejected"]) == (1, 1, 1)
    assert desk.lane.records() == {"k1": "Ada", "k2": "Bo"}
    left, ended = open_lines(desk)
    assert (len(left), ended) == (2, ["Superseded"])  # the line that is no object says of nobody whom it corrects
    assert desk.json("load", "--rejects", first["load_id"])[1]["read"] == 1


@pytest.mark.parametrize("text", ['""no"": ""k3"", ""name"": ""Cy""', '""lockstep_other"": 1'])
def test_a_line_without_a_key_is_settled_by_the_object_that_corrects_it(desk, tmp_path, text):
    path = tmp_path / "accounts.jsonl"
    path.write_text('{"no": "k1", "version": 1, "name": "Ada"}\n{}\n')
    _, first = desk.load(path)
    rejects = tmp_path / "rejects.csv"
    desk.json("load", "rejects", first["load_id"], "--to", rejects)
    assert "{}" in rejects.read_text()
    rejects.write_text(rejects.read_text().replace("{}", f'"{{{text}, ""version"": 1}}"'), encoding="utf-8")

    desk.json("load", rejects, "--rejects", first["load_id"])

    left, ended = open_lines(desk)
    assert ended == ["Superseded"]
    assert len(left) == ("k3" not in text)


def test_rejects_are_as_old_as_their_file(desk):
    path = desk.file(*GOOD, *BAD)
    os.utime(path, (1_500_000_000, 1_500_000_000))
    _, first = desk.load(path)

    _, again = desk.json("load", "--rejects", first["load_id"])

    times = {load.load_id: load.file_time_ms for load in desk.lane.book.recent(5)}
    assert times[first["load_id"]] == times[again["load_id"]] == 1_500_000_000_000


def test_load_without_rejects_says_so_and_writes_no_file(desk, tmp_path):
    _, answer = desk.load(desk.file(*GOOD))

    result = desk.run("load", "rejects", answer["load_id"], "--to", tmp_path / "rejects.csv")

    assert result.exit_code == 2
    assert not (tmp_path / "rejects.csv").exists()
    assert "has no rejects" in result.stderr


def test_the_same_file_twice_is_one_load_and_again_is_another(desk):
    path = desk.file(*GOOD)
    _, first = desk.load(path)

    _, second = desk.load(path)
    _, third = desk.load(path, "--again")

    assert second["load_id"] == first["load_id"]
    assert third["load_id"] != first["load_id"]
    assert third["superseded"] + third["succeeded"] == 3


def test_file_that_waits_is_told_with_exit_code_1(desk):
    code, answer = desk.load(desk.file(("1", "x"), header="number,name\n"))

    assert (code, answer["state"]) == (1, "Waiting")
    assert "is no" in answer["waits_for"]


def test_load_that_waits_is_resumed(desk):
    desk.lane.route({**ROUTE, "file": None})
    split_handler.take_drops.cache_clear()
    code, answer = desk.load(desk.file(*GOOD))
    assert (code, answer["state"]) == (1, "Waiting")
    desk.lane.route(ROUTE)
    split_handler.take_drops.cache_clear()

    code, said = desk.json("load", "resume", answer["load_id"])
    desk.work()

    assert (code, said["done"]) == (0, "is read again")
    assert desk.only_load().state is LoadState.DONE
    assert set(desk.lane.records()) == {"k1", "k2", "k3"}


def test_what_does_not_wait_is_not_resumed_and_what_has_ended_is_not_stopped(desk):
    _, answer = desk.load(desk.file(*GOOD))

    assert desk.run("load", "resume", answer["load_id"]).exit_code == 2
    assert desk.run("load", "stop", answer["load_id"], "--yes").exit_code == 2


def test_load_is_stopped_after_a_yes(desk):
    _, put = desk.load(desk.file(*GOOD), "--no-wait")
    desk._split(told(desk.s3.list_object_versions(Bucket="drops")["Versions"][0]))

    assert desk.run("load", "stop", put["load_id"], text="n\n").exit_code == 2
    assert desk.run("load", "stop", put["load_id"], "--yes").exit_code == 0
    desk.lane.work()

    assert desk.only_load().state is LoadState.STOPPED
    assert desk.lane.records() == {}


def test_backlog_is_given_up_only_where_it_waits_for_a_person(desk):
    _, put = desk.load(desk.file(*GOOD), "--no-wait")
    desk._split(told(desk.s3.list_object_versions(Bucket="drops")["Versions"][0]))
    backlog = desk.only_load().model_copy(update={"dialect": Dialect(format=FileFormat.CHANGES)})
    assert desk.lane.book.save_load(backlog.changed())

    refused = desk.run("load", "stop", put["load_id"], "--yes")
    assert refused.exit_code == 2
    assert "goes back to the inbound queue by itself" in refused.output
    assert desk.only_load().state is LoadState.RUNNING

    assert desk.lane.book.save_load(desk.only_load().changed(state=LoadState.WAITING, waits_for="its file is gone"))
    asked = desk.run("load", "stop", put["load_id"], text="y\n")
    assert "its changes stay queued" in asked.output.lower()
    assert desk.only_load().state is LoadState.STOPPED


def test_all_or_nothing_loads_all_or_nothing(desk):
    desk.lane.route({**ROUTE, "file": {**ROUTE["file"], "all_or_nothing": True}})
    split_handler.take_drops.cache_clear()

    code, answer = desk.load(desk.file(*GOOD, *BAD))

    assert (code, answer["state"]) == (1, "Waiting")
    assert desk.lane.records() == {}
    assert [problem.partition(":")[0] for problem in answer["file_problems"]] == ["line 5", "line 6", "line 7"]
    assert answer["chunk_states"][ChunkState.HELD] == 3
    code, answer = desk.load(desk.file(*GOOD, name="good.csv"))
    assert (code, answer["state"], answer["succeeded"]) == (0, "Done", 3)


def test_loads_are_listed_and_one_is_shown_to_people(desk):
    _, answer = desk.load(desk.file(*GOOD, *BAD))

    listed, shown = desk.run("loads").stdout, desk.run("load", "show", answer["load_id"]).stdout

    assert answer["load_id"] in listed
    assert "accounts.csv" in listed
    for said in ("rejected", "succeeded", "in flight", "MAPPING_FAILED", "rejects", f"--rejects {answer['load_id']}"):
        assert said in shown
    assert desk.json("loads")[1]["loads"][0]["load_id"] == answer["load_id"]


def test_rows_that_were_cut_and_not_read_are_shown_with_their_chunk(desk):
    _, answer = desk.load(desk.file(*GOOD))
    assert answer["misread"] == []
    chunk = desk.lane.book.chunk(answer["load_id"], 2)
    assert desk.lane.book.save_chunk(chunk.changed(rows=chunk.rows + 1))

    code, shown = desk.json("load", "show", answer["load_id"])

    assert (code, shown["is_balanced"], shown["rows"], shown["read"], shown["unread"]) == (1, False, 4, 3, 0)
    assert shown["misread"] == [{"chunk": 2, "cut": 2, "read": 1}]
    told = desk.run("load", "show", answer["load_id"]).stdout
    assert "CHUNK 2 WAS CUT AS 2 ROWS, AND 1 WERE READ." in told
    assert "THE ROWS DO NOT ADD UP" in told


def test_unknown_load_is_exit_code_1(desk):
    assert desk.run("load", "show", "nothing").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["load", "nope.csv", "--route", "erp_account"], "there is no such file"),
        (["load", "--route", "erp_account"], "name the file"),
        (["load", __file__], "name the file"),
        (["load", __file__, "--route", "nobody"], "there is no route nobody"),
        (["load", __file__, "--route", "shopify_order"], "has no section `file`"),
    ],
)
def test_what_cannot_be_loaded_is_told_before_anything_is_put(desk, arguments, told):
    result = desk.run(*arguments)

    assert result.exit_code == 2
    assert told in result.stderr


def test_dry_run_maps_every_row_and_writes_nothing(desk):
    path = desk.file(*GOOD, *BAD, ("k7", "old", "Gil", ""), ('"k8', 1, "Hal", ""), ("k9", 1, "Ida", ""))

    code, answer = desk.load(path, "--dry-run")

    assert code == 1
    assert (answer["read"], answer["mapped"], answer["faulty"]) == (9, 4, 5)
    assert [fault["line"] for fault in answer["faults"]] == [5, 6, 7, 8, 9]
    assert sum(answer["by_kind"].values()) == 5
    assert desk.s3.list_object_versions(Bucket="drops").get("Versions", []) == []
    assert desk.lane.book.recent(5) == []
    people = desk.run("load", path, "--route", "erp_account", "--config", desk.folder, "--dry-run").stdout
    assert "the row has 3 cells, and the header 4" in " ".join(people.split())


@pytest.mark.parametrize("name", ["good.csv", "good.csv.gz"])
def test_dry_run_of_a_good_file_is_exit_code_0(desk, name):
    code, answer = desk.load(desk.file(*GOOD, name=name), "--dry-run")

    assert (code, answer["mapped"], answer["columns"]) == (0, 3, ["no", "version", "name", "city"])


def test_dry_run_says_what_is_wrong_with_the_file(desk):
    code, answer = desk.load(desk.file(header="number\n"), "--dry-run")

    assert code == 1
    assert "none of the columns" in answer["file_problems"][0]


def test_key_is_the_same_in_the_dry_run_and_in_the_org(desk):
    path = desk.file(("007", 1, "Bond", ""))
    desk.load(path, "--dry-run")
    desk.load(path)

    assert [record[KEY] for record in desk.lane.org.records("Account") if record[KEY]] == ["007"]
