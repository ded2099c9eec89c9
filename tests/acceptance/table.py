"""The short table at the end: what was posted, what was answered, where it ended."""

from collections import Counter
from collections.abc import Iterator

from tests.acceptance.trial import AGAIN, Look, Sent, Story

FORMAT = "{:<18.18} {:<44.44} {:>6} {:<34.34} {}"


def lines(story: Story) -> Iterator[str]:
    """Give the table's lines."""
    refused = Counter(each.status for part in story.refused.values() for each in part)
    yield f"forged copies: {', '.join(f'{count} answered {status}' for status, count in refused.items())}"
    yield FORMAT.format("source", "topic or what it was made for", "answer", "end", "External ID")
    end = story.looks["deletes"]
    for name, part in story.sent.items():
        yield f"-- {name}"
        yield from _again(part) if name == AGAIN else (_line(sent, end) for sent in part)
    states = Counter(item["state"] for item in end.log.values())
    records = {name: len(found) for name, found in end.records.items()}
    yield f"changes: {len(end.log)}, {dict(states)}; records: {records}"
    yield f"left on the inbound queue: {story.queued}; dead letters: {story.dead}"


def _again(part: list[Sent]) -> Iterator[str]:
    queued = sum(sent.answer["queued"] for sent in part)
    yield f"{len(part)} of the above, {queued} changes queued by them"


def _line(sent: Sent, end: Look) -> str:
    items = [end.log[name] for name in sent.ids]
    states = ", ".join(" ".join([item["state"], item.get("failure_kind", "")]).strip() for item in items)
    delivery = sent.delivery
    shown = delivery.topic if delivery.name.replace(".", "/") == delivery.topic.replace(".", "/") else delivery.name
    ends = states or f"ignored ({sent.answer.get('ignored', 0)})"
    return FORMAT.format(delivery.source, shown, sent.status, ends, ", ".join(item["external_id"] for item in items))
