"""Lifelines: which session ran, in which mode, under which tripped guards, from when to when."""

from msgspec.structs import replace

from perptape.core.events import (
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OpeningState,
    ReconciliationCompleted,
    SessionStarted,
    SessionStopped,
)
from perptape.core.state import State, trip_key
from perptape.core.wording import sentence
from perptape.replays.report.summary import ModeBand, SessionSummary, TripBand

BANDS_MAX = 600


class Lifelines:
    """Follows sessions, modes and trips; each band is closed when the next begins."""

    def __init__(self) -> None:
        self.sessions: list[SessionSummary] = []
        self.modes: list[ModeBand] = []
        self.trips: list[TripBand] = []
        self._mode: ModeBand | None = None
        self._tripped: dict[str, TripBand] = {}

    def start(self, version: int, at_ns: int, event: SessionStarted, state: State) -> None:
        """A session begins; `state` is as it was before, so a session still running in it was killed."""
        killed = state.running
        if killed and self.sessions:
            last = self.sessions[-1]
            last.end = "killed"
            last.ended_version, last.ended_ns = state.version, state.at_ns
        self.sessions.append(SessionSummary(event.session, event.venue, version, at_ns, recovery=killed))
        if self._mode is None:
            self._mode = ModeBand(at_ns, at_ns, "normal", version, "", "")

    def stop(self, version: int, at_ns: int, event: SessionStopped) -> None:
        """A session ends in good order."""
        if self.sessions:
            last = self.sessions[-1]
            last.end, last.reason = "stopped", event.reason
            last.ended_version, last.ended_ns = version, at_ns

    def open(self, version: int, at_ns: int, _event: OpeningState, state: State) -> None:
        """The recording begins in the middle: with a session and a mode already there."""
        if state.running:
            self.sessions.append(SessionSummary(state.session, state.venue, version, at_ns))
        self._mode = ModeBand(at_ns, at_ns, state.mode, version, "", "at the start of the recording")
        for key, trip in state.tripped.items():
            self._tripped[key] = TripBand(at_ns, at_ns, trip.guard, trip.symbol, version, sentence(trip.reason))

    def reconcile(self, version: int, at_ns: int, _event: ReconciliationCompleted) -> None:
        """State and venue agree."""
        if self.sessions and self.sessions[-1].reconciled_version is None:
            self.sessions[-1].reconciled_version = version
            self.sessions[-1].reconciled_ns = at_ns

    def change_mode(self, version: int, at_ns: int, event: ModeChanged) -> None:
        """Another mode begins."""
        self._close_mode(at_ns)
        self._mode = ModeBand(at_ns, at_ns, event.mode, version, event.cause, sentence(event.reason))

    def trip(self, version: int, at_ns: int, event: GuardTripped) -> None:
        """A guard trips."""
        key = trip_key(event.guard, event.symbol)
        self._tripped.setdefault(
            key, TripBand(at_ns, at_ns, event.guard, event.symbol, version, sentence(event.reason))
        )

    def clear(self, at_ns: int, event: GuardCleared) -> None:
        """A guard clears."""
        self._close_trip(trip_key(event.guard, event.symbol), at_ns)

    def close(self, version: int, at_ns: int) -> None:
        """The recording ends; what is still open ends with it."""
        self._close_mode(at_ns)
        self._mode = None
        for key in list(self._tripped):
            self._close_trip(key, at_ns)
        if self.sessions and self.sessions[-1].end == "open":
            self.sessions[-1].ended_version, self.sessions[-1].ended_ns = version, at_ns

    def _close_mode(self, at_ns: int) -> None:
        if self._mode is not None and len(self.modes) < BANDS_MAX:
            self.modes.append(replace(self._mode, end_ns=at_ns))

    def _close_trip(self, key: str, at_ns: int) -> None:
        band = self._tripped.pop(key, None)
        if band is not None and len(self.trips) < BANDS_MAX:
            self.trips.append(replace(band, end_ns=at_ns))
