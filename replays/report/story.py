"""The story of a recording: plain data, bounded in size whatever the recording's length."""

from pathlib import Path

from msgspec import Struct

from perptape.core.money import arithmetic
from perptape.core.opening import state_digest
from perptape.core.state import State
from perptape.replays.report.narrator import Narrator
from perptape.replays.report.series import Point
from perptape.replays.report.summary import (
    Block,
    Counts,
    Figures,
    ModeBand,
    Moment,
    OrderSummary,
    SessionSummary,
    TripBand,
)
from perptape.replays.tape import Header, open_recording
from perptape.replays.tape.fold import decoded_batches
from perptape.replays.tape.reader import Progress


class Story(Struct, frozen=True):
    """What happened in a recording."""

    file: str
    """The recording's name, without its folder."""
    stream: str
    release: str
    first_version: int
    last_version: int
    start_ns: int
    """Time of the first event; 0 without any."""
    end_ns: int
    prices: dict[str, tuple[Point, ...]]
    """By symbol, thinned; every high and low is kept."""
    exposures: dict[str, tuple[Point, ...]]
    """Signed notional of the position by symbol, quote currency."""
    equity: tuple[Point, ...]
    leverage: tuple[Point, ...]
    orders: tuple[OrderSummary, ...]
    orders_every: int
    """1 when all orders are kept, n when about one in n is."""
    blocks: tuple[Block, ...]
    blocks_every: int
    moments: tuple[Moment, ...]
    modes: tuple[ModeBand, ...]
    trips: tuple[TripBand, ...]
    sessions: tuple[SessionSummary, ...]
    counts: Counts
    figures: Figures
    state_digest: str
    """Digest of the state after the last event."""


def read_story(path: Path, progress: Progress | None = None) -> Story:
    """Fold a recording once, decisions as recorded, and tell what happened in it.

    Raises NotARecordingError, DamageError, and StrategyRaisedError when a strategy cannot follow the recording.
    """
    state = State()
    narrator = Narrator(state)
    start_ns = 0
    with open_recording(path) as recording, arithmetic():
        state.version = recording.header.first_version - 1
        for _lines, events in decoded_batches(recording, progress):
            start_ns = start_ns or events[0].at_ns
            for event in events:
                narrator.take(event)
        return _finish(path, recording.header, narrator, start_ns)


def _finish(path: Path, header: Header, narrator: Narrator, start_ns: int) -> Story:
    state, orders, lifelines = narrator.state, narrator.orders, narrator.lifelines
    lifelines.close(state.version, state.at_ns)
    return Story(
        file=path.name,
        stream=header.stream,
        release=header.provenance.release,
        first_version=header.first_version,
        last_version=state.version,
        start_ns=start_ns,
        end_ns=state.at_ns if narrator.counts.events else 0,
        prices={symbol: series.points() for symbol, series in sorted(narrator.prices.items())},
        exposures={symbol: series.points() for symbol, series in sorted(narrator.exposures.items())},
        equity=narrator.equity.points(),
        leverage=narrator.leverage.points(),
        orders=tuple(orders.orders.values()),
        orders_every=orders.every,
        blocks=tuple(orders.blocks),
        blocks_every=orders.blocks_every,
        moments=tuple(narrator.moments),
        modes=tuple(lifelines.modes),
        trips=tuple(lifelines.trips),
        sessions=tuple(lifelines.sessions),
        counts=narrator.counts,
        figures=narrator.figures(),
        state_digest=state_digest(state),
    )
