"""Watched ports: every call to the venue is noted, every append counted, and a kill can strike at each moment."""

from collections.abc import Callable, Iterator, Sequence

from perptape.core.edge.simulation.exchange.simulated import Stage
from perptape.core.errors import LogRefusedError
from perptape.core.events import (
    CancelRequested,
    Observation,
    OrderLookupRequested,
    OrderRequested,
    ReconciliationRequested,
    ReconnectRequested,
)
from perptape.core.ports import Broker, Log, LoggedEvent, LogRecord, Snapshot, VenueTraits
from perptape.replays.scenarios.runner.run import Call


class Killed(BaseException):
    """The process has been killed. No `Exception`: nothing in the process may take notice."""


class Moments:
    """The moments at which a process can die: around every append, and before, in and after every call to the venue."""

    def __init__(self, kills: Sequence[int] = ()) -> None:
        """`kills` are the ordinals, from 1, of the moments at which the process is killed."""
        self._kills = frozenset(kills)
        self.passed: list[str] = []
        """What each moment was."""

    def pass_by(self, what: str) -> None:
        """A moment passes. Raises Killed when it is one to die at."""
        self.passed.append(what)
        if len(self.passed) in self._kills:
            raise Killed(what)

    def stage(self, stage: Stage) -> None:
        """A stage of a call at the exchange."""
        self.pass_by(f"call {stage}")


class WatchedBroker:
    """A broker whose calls are noted."""

    def __init__(self, broker: Broker, calls: list[Call], now_ns: Callable[[], int]) -> None:
        self._broker = broker
        self._calls = calls
        self._now_ns = now_ns

    @property
    def traits(self) -> VenueTraits:
        """What the venue promises."""
        return self._broker.traits

    async def submit(self, order: OrderRequested) -> Sequence[Observation]:
        """Send an order."""
        return self._noted("submit", order.client_order_id, await self._broker.submit(order))

    async def cancel(self, request: CancelRequested) -> Sequence[Observation]:
        """Ask for a cancel."""
        return self._noted("cancel", request.client_order_id, await self._broker.cancel(request))

    async def look_up(self, request: OrderLookupRequested) -> Sequence[Observation]:
        """Ask about an order."""
        return self._noted("look_up", request.client_order_id, await self._broker.look_up(request))

    async def report_account(self, request: ReconciliationRequested) -> Sequence[Observation]:
        """Ask for the account."""
        return self._noted("report_account", request.request_id, await self._broker.report_account(request))

    async def reconnect(self, request: ReconnectRequested) -> Sequence[Observation]:
        """Try to connect a channel again."""
        return self._noted("reconnect", request.channel, await self._broker.reconnect(request))

    def _noted(self, kind: str, key: str, answers: Sequence[Observation]) -> Sequence[Observation]:
        self._calls.append(Call(self._now_ns(), kind, key, tuple(answers)))
        return answers


class WatchedLog:
    """A log around whose appends the process can be killed, and which a script can make refuse."""

    def __init__(self, log: Log, moments: Moments, refuses: Callable[[], bool]) -> None:
        self._log = log
        self._moments = moments
        self._refuses = refuses

    @property
    def nonce(self) -> str:
        """The stream's nonce."""
        return self._log.nonce

    def append(self, expected_version: int, records: Sequence[LogRecord]) -> None:
        """Make whole turns durable, unless the script refuses."""
        if self._refuses():
            raise LogRefusedError(
                f"the log did not take version {expected_version + 1}: no space is left, says the script"
            )
        self._moments.pass_by("before an append")
        self._log.append(expected_version, records)
        self._moments.pass_by("after an append")

    def read(self, after_version: int) -> Iterator[LoggedEvent]:
        """The stored events after a version."""
        return self._log.read(after_version)

    def head_version(self) -> int:
        """Version of the last stored event."""
        return self._log.head_version()

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot."""
        self._log.save_snapshot(snapshot)

    def newest_snapshot(self, behaviour: str, upto: int | None = None) -> Snapshot | None:
        """The newest sound snapshot of this behaviour."""
        return self._log.newest_snapshot(behaviour, upto)

    def set_aside_snapshot(self, snapshot: Snapshot, reason: str) -> None:
        """Stop using a snapshot."""
        self._log.set_aside_snapshot(snapshot, reason)
