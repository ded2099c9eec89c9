"""Tells people, once each, of files that need them."""

from collections.abc import Callable
from datetime import datetime

from lockstep.domain.failures import SyncError
from lockstep.domain.loads import Load
from lockstep.ports import Alerts, Leases

_AGAIN_S = 6 * 3600


class TellWaiting:
    """One alert for each load and matter in six hours.

    Args:
        alerts: Tells.
        leases: Remember what was told.
        clock: Gives the time.
    """

    def __init__(self, alerts: Alerts, leases: Leases, clock: Callable[[], datetime]) -> None:
        self._alerts = alerts
        self._leases = leases
        self._clock = clock

    def waits(self, load: Load) -> None:
        """Say that a load waits for a person.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self.tell(
            _waits(load),
            "Lockstep: a file waits for a person",
            f"{_named(load)} waits: {load.waits_for}\n\n"
            f"`lockstep load show {load.load_id}` shows it, `lockstep load resume {load.load_id}` lets it go on, "
            f"`lockstep load stop {load.load_id}` gives it up.",
        )

    def problems(self, load: Load) -> None:
        """Say what could not be read of a file whose rows go otherwise.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        said = "\n".join(f"- {problem}" for problem in load.file_problems)
        self.tell(
            f"load#{load.load_id}#problems",
            "Lockstep: a file was not read to its end" if load.chunks else "Lockstep: a file has no rows",
            f"{_named(load)}:\n{said}\n\n`lockstep load show {load.load_id}` shows where its rows are.",
        )

    def tell(self, name: str, subject: str, text: str) -> None:
        """Say something, unless it was said in the last hours.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        if not self._leases.take(f"alert#{name}", _AGAIN_S, self._clock()):
            return
        try:
            self._alerts.tell(subject, text)
        except SyncError:
            self.forget(name)
            raise

    def forget_waiting(self, load: Load) -> None:
        """Let it be said again that the load waits.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self.forget(_waits(load))

    def forget(self, name: str) -> None:
        """Let the same be said again when it comes back.

        Raises:
            SyncError: AWS_UNAVAILABLE.
        """
        self._leases.give_back(f"alert#{name}")


def _named(load: Load) -> str:
    return f"The file {load.name} for the route {load.route} (load {load.load_id})"


def _waits(load: Load) -> str:
    return f"load#{load.load_id}#waits"
