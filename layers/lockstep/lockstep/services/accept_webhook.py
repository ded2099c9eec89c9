"""Take a delivery in: believe it, split it into changes, and put each on the inbound queue before saying yes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lockstep.domain.changes import Change
from lockstep.domain.failures import FailureKind, SyncError
from lockstep.domain.intake import take_in
from lockstep.domain.messages import fits_one_message
from lockstep.domain.requests import WebhookRequest
from lockstep.domain.signatures import SecretSlot, WooCommerce, verify
from lockstep.domain.sources import Source
from lockstep.domain.stamps import epoch_ms
from lockstep.ports import ChangeLog, ClaimAnswer, InboundQueue, PayloadStore, Secrets


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a believed delivery.

    Args:
        correlation_ids: Of every change in it, known ones too, in the order of the events.
        queued: How many changes this delivery put on the queue; the others were known before.
        ignored: Events of topics that the source's file does not list.
        secret: Which secret signed; None for a ping, which nobody signs.
    """

    correlation_ids: Sequence[str] = ()
    queued: int = 0
    ignored: int = 0
    secret: SecretSlot | None = None

    @property
    def known(self) -> int:
        """How many changes were taken in by an earlier delivery."""
        return len(self.correlation_ids) - self.queued

    @property
    def is_ping(self) -> bool:
        """True where the sender only asked whether we are there."""
        return self.secret is None


@dataclass(frozen=True, slots=True)
class AcceptWebhook:
    """The use case; safe to repeat with the same delivery at any point.

    Claim, send, mark, in this order: whatever stops between two of them leaves a claim that runs out, so the sender's
    next delivery is taken in again. At worst a change is queued twice, never not at all.
    """

    sources: Mapping[str, Source]
    secrets: Secrets
    change_log: ChangeLog
    queue: InboundQueue
    payload_store: PayloadStore
    clock: Callable[[], datetime]
    max_body_bytes: int
    claim_lease_s: int

    def __call__(self, request: WebhookRequest) -> Accepted:
        """Take the delivery in.

        Raises:
            SyncError: REQUEST_TOO_LARGE, SOURCE_UNKNOWN, SIGNATURE_INVALID, REQUEST_INVALID where it is refused;
                DELIVERY_IN_PROGRESS, AWS_UNAVAILABLE, CONFIGURATION_INVALID where the sender must come again.
        """
        if len(request.body) > self.max_body_bytes:
            raise SyncError(
                FailureKind.REQUEST_TOO_LARGE, f"body: larger than {self.max_body_bytes} bytes. Send less at once"
            )
        source = self._source(request.source)
        if isinstance(source.scheme, WooCommerce) and source.scheme.is_ping(request):
            return Accepted()
        secret = self._verified(source, request)
        intake = take_in(source, request)
        queued = self._queue_new(intake.changes, request.received_at)
        return Accepted([change.correlation_id for change in intake.changes], queued, intake.ignored, secret)

    def _source(self, name: str) -> Source:
        try:
            return self.sources[name]
        except KeyError:
            raise SyncError(FailureKind.SOURCE_UNKNOWN, "no source has this name") from None

    def _verified(self, source: Source, request: WebhookRequest) -> SecretSlot:
        stored = self.secrets.get(source.secret)
        live = {slot: stored[slot] for slot in SecretSlot if stored.get(slot, "").strip()}
        if SecretSlot.CURRENT not in live:
            raise _unusable(source.secret, 'it holds no "current"; store {"current": "…"}')
        try:
            return verify(source.scheme, request, live, epoch_ms(request.received_at) / 1000)
        except SyncError as exc:
            if exc.kind is not FailureKind.CONFIGURATION_INVALID:
                raise
            raise _unusable(source.secret, exc.detail) from exc

    def _queue_new(self, changes: Sequence[Change], now: datetime) -> int:
        """Queue what nobody has taken in before; return how many that were."""
        if not changes:
            return 0
        answers = self.change_log.claim(changes, now)
        granted = [change for change, answer in zip(changes, answers, strict=True) if answer is ClaimAnswer.GRANTED]
        if granted:
            self._queue_granted(granted)
        if ClaimAnswer.HELD in answers:
            raise self._come_again(FailureKind.DELIVERY_IN_PROGRESS, "another delivery of an event is being taken in")
        return len(granted)

    def _queue_granted(self, granted: Sequence[Change]) -> None:
        sent = self.queue.send([self._light(change) for change in granted])
        queued = [change for change, is_sent in zip(granted, sent, strict=True) if is_sent]
        if queued:
            self.change_log.mark_queued(queued, self.clock())
        if len(queued) < len(granted):
            unsent = len(granted) - len(queued)
            raise self._come_again(FailureKind.AWS_UNAVAILABLE, f"the queue did not take {unsent} changes")

    def _light(self, change: Change) -> Change:
        """Store a payload beside the queue where it does not fit into a message."""
        if change.payload is None or fits_one_message(change):
            return change
        reference = self.payload_store.put(change.correlation_id, change.payload)
        return change.model_copy(update={"payload": None, "payload_reference": reference})

    def _come_again(self, kind: FailureKind, detail: str) -> SyncError:
        """Ask for another delivery when the claims that stand in its way have run out."""
        return SyncError(kind, detail, retry_after_s=self.claim_lease_s)


def _unusable(secret_name: str, reason: str) -> SyncError:
    return SyncError(FailureKind.CONFIGURATION_INVALID, f"the secret {secret_name} cannot be used: {reason}")
