"""`lockstep mapping`: check routes against the org, begin one, try one."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli import check as checking
from cli import trial
from cli.draft import Wanted, draft
from cli.failure import EXIT_PROBLEMS, CannotError, read_json, tells
from cli.org import OrgOptions, connected
from cli.routes import OWN_CONFIG, route_named, routes_folder
from cli.stack import DEFAULT_STACK, StackName, StateFolder
from lockstep.domain.describes import ObjectFacts, read_describe
from lockstep.domain.json_text import dump_json
from lockstep.domain.limits import with_limits
from lockstep.ports.org import DescribeSource

app = typer.Typer(no_args_is_help=True, help="Check routes against the org, begin one, try one.")

Config = Annotated[Path, typer.Option(help="The folder that holds routes/*.yaml.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Credentials = Annotated[
    Path | None,
    typer.Option(envvar="LOCKSTEP_CREDENTIALS", help="JSON file: client_id, client_secret, refresh_token, login_url."),
]
LoginUrl = Annotated[str | None, typer.Option("--login-url", "--org-url", help="Instead of the stack's own.")]
ApiVersion = Annotated[str, typer.Option(help="Of Salesforce's REST API.")]


@app.command()
@tells
def check(
    *,
    config: Config = OWN_CONFIG,
    as_json: AsJson = False,
    credentials: Credentials = None,
    state_folder: StateFolder = None,
    stack: StackName = DEFAULT_STACK,
    login_url: LoginUrl = None,
    api_version: ApiVersion = "66.0",
) -> None:
    """List everything in the routes that does not fit the org: exit code 0 none, 1 some, 2 cannot be checked."""
    folder = routes_folder(config)
    loaded = checking.load(folder)
    if isinstance(loaded, checking.Report):
        report = loaded
    else:
        with connected(OrgOptions(credentials, state_folder, stack, login_url, api_version)) as org:
            report = checking.compare(folder, loaded, org)
    if as_json:
        _print_json(report.as_json())
    else:
        checking.show(report, Console())
    if report.errors:
        raise typer.Exit(EXIT_PROBLEMS)


@app.command()
@tells
def init(  # noqa: PLR0913 - each is an option of the command
    object_name: Annotated[str, typer.Argument(metavar="OBJECT", help="Its API name, such as Contact.")],
    *,
    sample: Annotated[Path, typer.Option(help="A delivery of the source, as JSON.")],
    source: Annotated[str, typer.Option(help="The source's name, as in sources/.")],
    entity: Annotated[str, typer.Option(help="What the source calls it.")],
    to: Annotated[Path | None, typer.Option(help="The file to write; it must not be there yet.")] = None,
    credentials: Credentials = None,
    state_folder: StateFolder = None,
    stack: StackName = DEFAULT_STACK,
    login_url: LoginUrl = None,
    api_version: ApiVersion = "66.0",
) -> None:
    """Write a starter route from the org's describe and a sample; what needs a decision says DECIDE."""
    if not (source.isprintable() and source.strip() and entity.isprintable() and entity.strip()):
        raise CannotError("--source and --entity: words belong here, such as shopify and customer")
    wanted = Wanted(source, entity, read_json(sample))
    if not object_name.isidentifier() or not object_name.isascii():
        raise CannotError(f"{object_name}: not an API name, such as Contact or Region__c")
    with connected(OrgOptions(credentials, state_folder, stack, login_url, api_version)) as org:
        target, parents = _described(org, object_name)
    text = draft(target, parents, wanted)
    if to is None:
        typer.echo(text, nl=False)
        return
    try:
        with to.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CannotError(f"{to}: is there already; name another file, or take it away") from None
    except OSError as exc:
        raise CannotError(f"{to}: cannot be written: {exc.strerror}") from None
    typer.echo(f"{to} is written; {text.count('DECIDE: ')} lines say DECIDE.")


@app.command("try")
@tells
def try_(  # noqa: PLR0913 - each is an option of the command
    route: Annotated[str, typer.Argument(help="A file's name in routes/, or source/entity.")],
    payload: Annotated[Path, typer.Argument(help="A delivery of the source, as JSON.")],
    *,
    config: Config = OWN_CONFIG,
    external_id: Annotated[str, typer.Option(help="The change's External ID.")] = "1",
    as_json: AsJson = False,
    with_org: Annotated[bool, typer.Option("--with-org", help="With the limits of the org's fields.")] = False,
    credentials: Credentials = None,
    state_folder: StateFolder = None,
    stack: StackName = "lockstep",
    login_url: LoginUrl = None,
    api_version: ApiVersion = "66.0",
) -> None:
    """Show source, conversion and result of every field; nothing is written, and only --with-org asks the org."""
    chosen, content = route_named(route, config), read_json(payload)
    if with_org:
        with connected(OrgOptions(credentials, state_folder, stack, login_url, api_version)) as org:
            chosen = with_limits(chosen, checking.described([chosen], org))
    tried, meant = trial.try_route(chosen, content, external_id), trial.is_meant(chosen, content)
    if as_json:
        fields = [each.as_json() for each in tried]
        _print_json({"route": route, "object": chosen.object_name, "meant": meant, "fields": fields})
    else:
        trial.show(chosen, tried, Console(), meant=meant)
    if any(each.problems for each in tried):
        raise typer.Exit(EXIT_PROBLEMS)


def _described(org: DescribeSource, object_name: str) -> tuple[ObjectFacts, dict[str, ObjectFacts | None]]:
    """Return the object, and the objects that it must or may point to; users and queues have no External ID."""
    target = read_describe(org.describe(object_name))
    if target is None:
        raise CannotError(f"the integration user sees no object {object_name} in the org")
    lookups = [each for each in target.fields.values() if each.type == "reference" and each.is_createable]
    names = {name for each in lookups for name in each.reference_to} - {"User", "Group"}
    return target, {name: read_describe(org.describe(name)) for name in sorted(names)}


def _print_json(value: Any) -> None:
    typer.echo(dump_json(value))
