"""docs/sign-in.md and the code name the same errors, reasons, keys, commands and addresses."""

import re

from typer.main import get_command

from cli import auth_request, callback
from cli.auth import app
from cli.auth_app import SECRET_VARIABLE
from cli.auth_login import OF_A_SESSION
from lockstep.adapters import token_failures
from lockstep.domain.circuit import Reason
from lockstep.domain.credentials import REQUIRED_KEYS, Grant
from lockstep.services.session_refresh import ROTATION_LOST
from tests.contract.template import ROOT, template

PAGE = (ROOT / "docs/sign-in.md").read_text(encoding="utf-8")


def first_column(heading, upto="\n## "):
    """Return what stands in the first column of the first table below a line."""
    below = PAGE[PAGE.index(heading) :].removeprefix(heading).partition(upto)[0]
    rows = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)[0].splitlines()[2:]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_page_explains_every_error_of_the_token_endpoint():
    permanent = set(token_failures._REMEDY_BY_ERROR)

    assert set(first_column("Of the token endpoint")) == permanent | {"rate_limit_exceeded", ROTATION_LOST}


def test_page_explains_every_error_of_the_login_page():
    assert set(first_column("Of the login page")) == set(auth_request.EXPLAINED)


def test_page_explains_every_reason_of_an_open_circuit():
    assert set(first_column("## What an alert means")) == set(Reason)


def test_page_names_every_grant_and_every_key_of_the_secret():
    listed = set(first_column("## The secret's keys"))

    assert set(re.findall(r"`(\w+)`", PAGE[PAGE.index("| `grant` |") :].partition("\n")[0])) == {"grant", *Grant}
    assert {key for keys in REQUIRED_KEYS.values() for key in keys} <= listed
    assert listed >= OF_A_SESSION


def test_page_names_the_callback_url_and_the_scopes_that_are_asked_for():
    assert f"*Callback URL*: `{callback.redirect_url(callback.DEFAULT_PORT)}`" in PAGE
    assert all(scope in PAGE for scope in auth_request.SCOPES)


def test_every_command_option_and_variable_that_the_page_names_exists():
    commands = get_command(app).commands
    options = {
        name for command in commands.values() for each in command.params for name in each.opts + each.secondary_opts
    }

    assert set(re.findall(r"lockstep auth ([a-z-]+)", PAGE)) == set(commands)
    assert set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", PAGE)) <= options
    assert SECRET_VARIABLE in PAGE


def test_every_parameter_that_the_page_names_exists():
    named = set(re.findall(r"`([A-Z][A-Za-z]+(?:Url|Hosts|Percent|Concurrency|Stage))(?:=[^`]*)?`", PAGE))

    assert named
    assert named <= set(template()["Parameters"])
