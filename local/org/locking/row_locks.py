"""Row locks that outlast a call: whoever meets one waits until it is free, or is refused.

Calls are answered one at a time, so a lock matters only where a transaction is told to last: by `transaction_s`, by a
planned delay that holds its locks, or by a test that holds records itself. In all other cases nothing here is asked.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from local.org.clock import OrgClock
from local.org.errors import RowError
from local.org.locking.targets import LockTargets
from local.org.store import Store

_CODE = "UNABLE_TO_LOCK_ROW"
_MESSAGE = "unable to obtain exclusive access to this record"
_SHORTEST_WAIT_S = 0.001

T = TypeVar("T")
_Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


class LockSettings(BaseModel):
    """How long a call that writes holds its locks, and how long another waits for them, both in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    transaction_s: _Seconds = 0.0
    wait_s: _Seconds = 10.0


class LockedError(Exception):
    """Raised where a call meets a lock that it may wait for: the call is taken back and begins again."""

    def __init__(self, free_at_s: float) -> None:
        super().__init__("a record is locked")
        self.free_at_s = free_at_s


class _Call:
    """A call on its way: how long it will hold what it locks, and until when it may wait for others."""

    def __init__(self, holds_s: float, waits_until_s: float) -> None:
        self.holds_s = holds_s
        self.waits_until_s = waits_until_s
        self.locked: set[str] = set()


class RowLocks:
    """The locks of one org. Everything here is called under the org's lock, which `freed` waits on."""

    def __init__(self, clock: OrgClock, store: Store, freed: threading.Condition) -> None:
        self._clock = clock
        self._store = store
        self._freed = freed
        self._free_at_s: dict[str, float] = {}
        self._call: _Call | None = None
        self.settings = LockSettings()
        self.targets = LockTargets(store.schema.summaries)

    @property
    def is_active(self) -> bool:
        """Whether a save has to ask at all."""
        return self._call is not None or bool(self._free_at_s)

    def change(self, **changes: Any) -> LockSettings:
        """Change settings and return them all; pydantic.ValidationError for one that is none."""
        self.settings = LockSettings(**{**self.settings.model_dump(), **changes})
        return self.settings

    def hold(self, record_ids: Iterable[str], for_s: float) -> None:
        """Lock records (18-character ids) as a transaction of somebody else would."""
        until_s = self._clock.now_s() + for_s
        self._free_at_s.update(dict.fromkeys(record_ids, until_s))

    def free_all(self) -> None:
        """End every lock at once; those who wait go on."""
        self._free_at_s.clear()
        self._freed.notify_all()

    def held(self) -> dict[str, float]:
        """Return the locked records, and for how many seconds more each is."""
        now_s = self._clock.now_s()
        return {each: free_at_s - now_s for each, free_at_s in self._free_at_s.items() if free_at_s > now_s}

    def take(self, record_ids: Sequence[str]) -> None:
        """Lock what a save needs, for as long as its call holds locks.

        Raises:
            LockedError: Another transaction holds one, and the call may wait.
            RowError: It may not, or has waited long enough.
        """
        now_s = self._clock.now_s()
        met = [each for each in record_ids if self._free_at_s.get(each, now_s) > now_s]
        if met and self._call is not None and now_s < self._call.waits_until_s:
            raise LockedError(max(self._free_at_s[each] for each in met))
        if met:
            raise RowError(_CODE, f"{_MESSAGE} or {len(met)} records: {','.join(met)}")
        if self._call is not None:
            self._call.locked.update(record_ids)

    def run(self, act: Callable[[], T], holds_s: float) -> tuple[T, float]:
        """Return what a call comes to, and for how many seconds it goes on holding its locks.

        A call that meets a lock is taken back whole, waits without the org's lock, and begins again.
        """
        lasts_s = max(holds_s, self.settings.transaction_s)
        if not lasts_s and not self.held():
            self._free_at_s.clear()
            return act(), 0.0
        waits_until_s = self._clock.now_s() + self.settings.wait_s
        waits_until_real_s = time.monotonic() + self.settings.wait_s
        while True:
            is_patient = time.monotonic() < waits_until_real_s
            call = self._call = _Call(lasts_s, waits_until_s if is_patient else 0.0)
            try:
                with self._store.attempt():
                    result = act()
            except LockedError as locked:
                self._call = None
                self._wait(min(locked.free_at_s, waits_until_s))
            else:
                self.hold(call.locked, lasts_s)
                return result, lasts_s if call.locked else 0.0
            finally:
                self._call = None

    def _wait(self, until_s: float) -> None:
        self._freed.wait(max(_SHORTEST_WAIT_S, until_s - self._clock.now_s()))
