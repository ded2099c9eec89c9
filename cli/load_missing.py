"""What a file that is the whole truth does not name, as people read it."""

from rich.console import Console

from cli.load_facts import LoadFacts
from cli.shown import say
from lockstep.domain.comparisons import Comparison, Stage

_MOST_LISTS = 5
_STAGES = {
    Stage.BEGUN: "the file's keys are counted",
    Stage.QUERYING: "the org lists its records",
    Stage.READING: "the org's records are compared with the file",
    Stage.ASKING: "more is missing than the limit",
    Stage.SENDING: "the deletes go to the inbound queue",
    Stage.DONE: "compared with the org",
}


def show_comparison(facts: LoadFacts, console: Console) -> None:
    """Print it, where the load has one."""
    found = facts.load.comparison
    if found is None:
        return
    say(console)
    if found.stage is Stage.NOT_MADE:
        say(console, f"whole file   not compared with the org: {found.why}")
        return
    say(console, f"whole file   {_STAGES[found.stage]}")
    for title, count, meaning in _counts(found):
        say(console, f"{title:<14}{count:>14,}  {meaning}".rstrip())
    for place in facts.missing_lists[:_MOST_LISTS]:
        say(console, f"missing      {place}")
    if len(facts.missing_lists) > _MOST_LISTS:
        say(console, f"             ... and {len(facts.missing_lists) - _MOST_LISTS:,} more; --json has all")


def _counts(found: Comparison) -> list[tuple[str, int, str]]:
    counts = [
        ("  known", found.known, "records of the source that are not marked as deleted"),
        ("  newer", found.newer, "not in the file, and younger than it"),
        ("  missing", found.missing, f"not in the file; limit {found.limit_percent:g} %"),
    ]
    sent = ("  sent", found.sent, "as deletes to the inbound queue: `lockstep account` counts them")
    return counts if found.rule == "report" else [*counts, sent]
