"""Brings everything in line with the circuit: the lanes, what people know, and the circuit with the org."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lockstep.domain.budget import Usage
from lockstep.domain.circuit import Circuit, lanes_set, telling, told
from lockstep.domain.circuit_alerts import alert_of
from lockstep.domain.failures import SyncError
from lockstep.ports import Alerts
from lockstep.ports.connection import CircuitStore, LaneSwitch, UsageStore
from lockstep.services.breaker import advance
from lockstep.services.probe_connection import ProbeConnection

# Two monitors may switch a lane in the wrong order; this long after the circuit has closed they look again. Later a
# lane that is off was switched off by a person, and stays off.
LANES_ARE_WATCHED_S = 600


@dataclass(slots=True)
class ConnectionReport:
    """What the monitor found and did.

    `told` are the circuits of which people were told in this run: one for each time that it opened or closed.
    `troubles` is what could not be done; it is tried again in the next run.
    """

    circuit: Circuit
    usage: Usage | None = None
    told: list[Circuit] = field(default_factory=list)
    troubles: list[SyncError] = field(default_factory=list)


class MonitorConnection:
    """The monitor's use case. Runs every minute and whenever the circuit has opened; any number at once is safe."""

    def __init__(
        self,
        *,
        circuits: CircuitStore,
        usages: UsageStore,
        lanes: LaneSwitch,
        alerts: Alerts,
        probe: ProbeConnection,
        clock: Callable[[], datetime],
    ) -> None:
        self._circuits = circuits
        self._usages = usages
        self._lanes = lanes
        self._alerts = alerts
        self._probe = probe
        self._clock = clock

    def __call__(self) -> ConnectionReport:
        """Do what is due.

        Raises:
            SyncError: AWS_UNAVAILABLE, CONFIGURATION_INVALID: the circuit cannot be read.
        """
        report = ConnectionReport(self._circuits.load())
        self._settle(report)
        if report.circuit.is_closed:
            report.usage = self._probe.look()
            report.circuit = self._circuits.load()
        else:
            report.circuit = self._probe.probe(report.circuit)
            report.usage = self._usages.load()
        self._settle(report)
        return report

    def _settle(self, report: ConnectionReport) -> None:
        """Switch the lanes and tell people; what turns meanwhile is settled by the next run."""
        self._switch(report)
        self._tell(report)

    def _switch(self, report: ConnectionReport) -> None:
        circuit = report.circuit
        if not self._is_lane_doubtful(circuit):
            return
        try:
            self._lanes.switch(on=circuit.is_closed)
        except SyncError as exc:
            report.troubles.append(exc)
            return
        report.circuit, _ = advance(self._circuits, lambda each: lanes_set(each, circuit.turn))

    def _is_lane_doubtful(self, circuit: Circuit) -> bool:
        if not circuit.is_closed or not circuit.are_lanes_set:
            return True
        return circuit.since is not None and self._clock() - circuit.since < timedelta(seconds=LANES_ARE_WATCHED_S)

    def _tell(self, report: ConnectionReport) -> None:
        """Tell people of the turn, unless they know or another run is telling them.

        Claimed before and booked after: killed in between, it is told again, rather twice than never.
        """
        if report.circuit.is_told:
            return
        now = self._clock()
        claimed, is_ours = advance(self._circuits, lambda each: telling(each, now))
        report.circuit = claimed
        if not is_ours:
            return
        is_sent = True
        try:
            self._alerts.tell(*alert_of(claimed))
            report.told.append(claimed)
        except SyncError as exc:
            report.troubles.append(exc)
            is_sent = False
        report.circuit, _ = advance(self._circuits, lambda each: told(each, claimed.turn, is_sent=is_sent))
