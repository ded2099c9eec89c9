"""What people are told when the circuit opens or closes: what it is, and what to do."""

from datetime import datetime, timedelta

from lockstep.domain.circuit import PROBE_DELAYS_S, Circuit, Reason

_TITLES = {
    Reason.SIGN_IN_REFUSED: "Salesforce refuses the sign-in",
    Reason.ORG_UNAVAILABLE: "Salesforce does not answer",
    Reason.DAILY_LIMIT_SPENT: "the org's API calls are spent",
    Reason.CONCURRENT_LIMIT: "the org has too many long calls at once",
}
_WHAT_TO_DO = {
    Reason.SIGN_IN_REFUSED: (
        "Somebody must act. Look at the integration user (active, not locked, may use the API) and at the External "
        "Client App (not blocked, its refresh token policy), then sign in again with `lockstep auth login`. "
        "docs/sign-in.md names each answer of Salesforce and its remedy."
    ),
    Reason.ORG_UNAVAILABLE: (
        "Nothing, if it is maintenance or an incident: status.salesforce.com shows both, by the name of your instance. "
        "Where Salesforce is up, see whether the login URL, the My Domain or its certificate has changed "
        "(docs/sign-in.md)."
    ),
    Reason.DAILY_LIMIT_SPENT: (
        "See in Setup, Company Information and API Usage, who makes the calls, and stop what should not. Calls become "
        "free 24 hours after they were made. If Lockstep may use more of them, lower the parameter ApiReservePercent; "
        "if all calls are needed, buy more."
    ),
    Reason.CONCURRENT_LIMIT: (
        "See in Setup, API Usage, which application makes calls of more than 20 seconds; slow triggers and flows on "
        "the objects that Lockstep writes do so, too. If Lockstep's own calls are the long ones, lower the parameter "
        "UpsertConcurrency."
    ),
}
_KEPT = "Changes wait in their queues meanwhile: none is lost, and no try is spent."


def alert_of(circuit: Circuit) -> tuple[str, str]:
    """Return subject (ASCII, at most 100 characters) and text for the circuit as it has become."""
    if circuit.reason is None:
        return "Lockstep: connected with Salesforce", "Lockstep writes to Salesforce."
    return _closed(circuit, circuit.reason) if circuit.is_closed else _opened(circuit, circuit.reason)


def _opened(circuit: Circuit, reason: Reason) -> tuple[str, str]:
    text = (
        f"Lockstep has stopped writing to Salesforce at {_at(circuit.since)}: {_TITLES[reason]}.\n"
        f"({reason}: {circuit.detail})\n\n"
        f"{_KEPT}\n\n"
        f"What to do: {_WHAT_TO_DO[reason]}\n\n"
        f"Lockstep tries by itself {_how_often(reason)}, goes on as soon as it can, and says so."
    )
    return f"Lockstep waits: {_TITLES[reason]}", text


def _closed(circuit: Circuit, reason: Reason) -> tuple[str, str]:
    waited = _length(circuit.since - circuit.opened_at) if circuit.since and circuit.opened_at else "a while"
    text = (
        f"Lockstep writes to Salesforce again since {_at(circuit.since)} (closed by {circuit.closed_by}).\n"
        f"It had waited for {waited}, since {_at(circuit.opened_at)}: {_TITLES[reason]}.\n\n"
        "What waited is written now by itself; nothing needs to be done."
    )
    return f"Lockstep goes on after {waited}: {reason} is over", text


def _how_often(reason: Reason) -> str:
    seconds = PROBE_DELAYS_S[reason][-1]
    often = f"every {_length(timedelta(seconds=seconds))}"
    return f"{often}, and within a minute after a new sign-in" if reason is Reason.SIGN_IN_REFUSED else often


def _at(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC") if moment else "an unknown time"


def _length(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
