"""Watched ports: every call to the venue is noted, every append counted, and a kill can strike at each moment."""

from collections.abc import Callable, Iterator, Sequence

from perptape.core.edge.simulation.exchange.simulated import Stage
from perptape.core.edge.venue.call import call_key, call_kind
from perptape.core.errors import LogRefusedError
from perptape.core.events import Observation, ReconnectRequested, VenueRequest
from perptape.core.ports import Broker, Log, LoggedEvent, LogRecord, Snapshot, VenueTraits
from perptape.replays.evidence.venue_call import VenueCall


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

    def __init__(self, broker: Broker, calls: list[VenueCall], now_ns: Callable[[], int]) -> None:
        self._broker = broker
        self._calls = calls
        self._now_ns = now_ns

    @property
    def traits(self) -> VenueTraits:
        """What the venue promises."""
        return self._broker.traits

    async def call(self, request: VenueRequest) -> Sequence[Observation]:
        """Ask the venue, and note what it answers."""
        answers = await self._broker.call(request)
        kind = "reconnect" if isinstance(request, ReconnectRequested) else call_kind(request)
        self._calls.append(VenueCall(self._now_ns(), kind, call_key(request), tuple(answers)))
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
