"""One run of the demo: what was sent, what came back, and what the logs and the org show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local.demo.changed_values import ChangedValues
from local.demo.comparing import Records
from local.demo.desk import Typed
from local.demo.expectation import Expected, RecordKey
from local.demo.lock_storm import REFUSALS_EACH
from local.demo.night_file import NightFile
from local.demo.outage import Outage
from local.demo.posting import Answer
from local.demo.sends import Kind
from local.demo.settling import Logged

HELD_UP = frozenset({Kind.EARLY, Kind.AWAY, Kind.UNFIT})


@dataclass(slots=True)
class Run:
    """Filled as the demo goes on.

    `locked` are the orders that the storm was to hit, `refused_rows` how often it did. `unfit` is what the change log
    said of the bad picklist value before a person mended it. `waited` changes had to wait for their parent. `typed`
    are commands that failed, `books` is the last command. `told` are the newest stamps of records when the file came.
    """

    locked: frozenset[str] = frozenset()
    answers: list[Answer] = field(default_factory=list)
    log: Mapping[str, Logged] = field(default_factory=dict)
    waited: int = 0
    refused_rows: int = 0
    outage: Outage = field(default_factory=Outage)
    file: NightFile = field(default_factory=NightFile)
    told: Mapping[RecordKey, int] = field(default_factory=dict)
    unfit: list[Logged] = field(default_factory=list)
    failed_commands: list[Typed] = field(default_factory=list)
    books: Typed | None = None
    expected: Sequence[Expected] = ()
    org: Records = field(default_factory=dict)
    api_calls: int = 0
    changed: Sequence[ChangedValues] = ()

    @property
    def accepted(self) -> dict[str, Answer]:
        """The first accepted delivery of each change."""
        first: dict[str, Answer] = {}
        for answer in sorted(self.answers, key=lambda each: each.posted_at):
            if answer.correlation_id:
                first.setdefault(answer.correlation_id, answer)
        return first

    @property
    def storm_rows(self) -> int:
        """How many rows the storm was to refuse."""
        return len(self.locked) * REFUSALS_EACH

    def names_of(self, kind: Kind) -> set[str]:
        """Return the accepted changes of that kind."""
        return {name for name, answer in self.accepted.items() if answer.send.kind is kind}

    def waits_s(self, kind: Kind | None = None) -> list[float]:
        """Return seconds from webhook to record: of that kind, or of all that nothing held up."""
        return [
            (ended - answer.posted_at).total_seconds()
            for name, answer in self.accepted.items()
            if (answer.send.kind is kind if kind else self._is_unhindered(answer))
            and name in self.log
            and self.log[name].state == "Applied"
            and (ended := self.log[name].ended_at)
        ]

    def _is_unhindered(self, answer: Answer) -> bool:
        fact = answer.send.fact
        return answer.send.kind not in HELD_UP and not (fact and fact.key.external_id in self.locked)
