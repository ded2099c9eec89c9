"""The operator's commands read what the template makes, and docs/operate.md says what they print."""

import re

import typer

from cli import account, parts, status_facts
from cli.__main__ import app
from lockstep.adapters import error_log_desk, lane_metrics
from lockstep.adapters.error_log import STATUS_INDEX
from lockstep.domain.accounts import Gap
from lockstep.domain.changes import State
from tests.contract.template import ROOT, resources, template

PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _commands():
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        further = getattr(command, "commands", None)
        yield from ((f"{name} {each}", sub) for each, sub in further.items()) if further else [(name, command)]


def test_every_part_and_parameter_that_the_commands_ask_for_is_in_the_template():
    found = template()

    assert {
        parts.CHANGE_LOG_TABLE,
        parts.ERROR_LOG_TABLE,
        parts.VERSION_GUARD_TABLE,
        parts.CONNECTION_TABLE,
        parts.PAYLOAD_BUCKET,
        parts.INBOUND_QUEUE,
        parts.DEAD_LETTER_QUEUE,
    } <= set(found["Resources"])
    assert {parts.RETENTION_DAYS, parts.RESERVE_PERCENT} <= set(found["Parameters"])


def test_metrics_are_read_under_the_names_under_which_they_are_counted():
    upsert = template()["Resources"]["UpsertFunction"]["Properties"]["Environment"]["Variables"]

    assert upsert["POWERTOOLS_SERVICE_NAME"] == lane_metrics.SERVICE
    shared = template()["Globals"]["Function"]["Environment"]["Variables"]
    assert shared["POWERTOOLS_METRICS_NAMESPACE"] == {"Fn::Sub": lane_metrics.namespace("${AWS::StackName}")}
    assert template()["Resources"]["InboundAgeAlarm"]["Properties"]["Threshold"] == status_facts.LATE_S


def test_list_finds_all_that_it_shows_in_the_index():
    (index,) = [
        each
        for each in resources("AWS::DynamoDB::Table")["ErrorLogTable"]["GlobalSecondaryIndexes"]
        if each["IndexName"] == STATUS_INDEX
    ]
    source = (ROOT / "layers/lockstep/lockstep/adapters/error_log_desk.py").read_text()
    read = set(re.findall(r'item\[?\(?(?:\.get\()?"(\w+)"', source.partition("def _summary")[2].partition("\ndef ")[0]))
    read |= set(re.findall(r'_text\(item, "(\w+)"\)', source.partition("def _summary")[2].partition("\ndef ")[0]))
    keys = {key["AttributeName"] for key in index["KeySchema"]}

    assert error_log_desk.DynamoDbErrorDesk
    assert len(read) > 8
    assert read - keys - {"correlation_id"} == set(index["Projection"]["NonKeyAttributes"])


def test_page_tells_every_command_option_and_gap():
    own = [
        (name, command) for name, command in _commands() if name.split()[0] in
        {"status", "errors", "trace", "account", "redrive"}
    ]  # fmt: skip

    assert len(own) == 9
    assert [name for name, _ in own if f"lockstep {name}" not in PAGE] == []
    shared = {"--stack", "--state-folder", "--help", "--json", "--config"}
    options = {option for _, command in own for each in command.params for option in each.opts if option[:2] == "--"}
    assert {option for option in options - shared if f"`{option}" not in PAGE and f" {option}" not in PAGE} == set()
    assert {gap for gap in Gap if gap.value not in PAGE} == set()
    assert set(account._MEANING) == set(Gap)


def test_page_of_files_tells_every_command_and_option_of_loads():
    page = (ROOT / "docs/files.md").read_text(encoding="utf-8")
    own = [(name, command) for name, command in _commands() if name.split()[0] in {"load", "loads"}]
    told = {"load file": "lockstep load nightly.csv"}

    assert len(own) == 6
    assert [name for name, _ in own if told.get(name, f"lockstep {name}") not in page] == []
    options = {option for _, command in own for each in command.params for option in each.opts if option[:2] == "--"}
    shared = {"--help", "--yes", "--wait", "--limit"}
    assert {option for option in options - shared if option not in page} == set()


def test_every_state_in_which_a_change_fails_is_in_the_rates():
    assert {state for state in State if state not in status_facts._RATE_BY_STATE} == {State.CLAIMED, State.QUEUED}


def test_readme_names_no_command_that_is_not_there():
    named = set(re.findall(r"lockstep ((?:auth|mapping|errors) [a-z-]+|status|trace|account|redrive)\b", README + PAGE))

    assert named <= {name for name, _ in _commands()}
    assert {"status", "account", "redrive", "trace", "errors list"} <= named


def test_every_command_speaks_to_programs_but_the_one_that_writes_yaml():
    silent = {name for name, command in _commands() if not any("--json" in each.opts for each in command.params)}

    assert silent == {"mapping init"}
