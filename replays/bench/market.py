"""The market of the benchmarks: a seeded random walk of BTC and ETH perpetuals, as quotes or as one-minute candles."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from perptape.core.durations import MINUTE_NS, SECOND_NS
from perptape.core.edge.market import CONDITIONS, CandlePoint, MarketPoint, PricePoint, synthetic_path

SYMBOLS = {"BTC-PERP": Decimal(50_000), "ETH-PERP": Decimal(3_000)}
SEED = 1

_START_NS = 1_700_000_000_000_000_000
_CANDLE_STEP_NS = 15 * SECOND_NS
_CALM = replace(CONDITIONS["normal"], volatility=Decimal("0.000025"))
"""So calm that most quotes move sizes and not prices, as at a venue: crossing averages of 10 and 20 then give about
9,000 orders, those of 100 and 500 about 600, and no breaker trips.
"""


def quotes(count: int) -> Iterator[MarketPoint]:
    """So many books, one a second and symbol."""
    return synthetic_path(SYMBOLS, _CALM, seed=SEED, start_ns=_START_NS, steps=count // len(SYMBOLS), step_ns=SECOND_NS)


def candles(count: int) -> Iterator[MarketPoint]:
    """So many one-minute candles, each followed by its last price as the market's."""
    steps = count // len(SYMBOLS) * (MINUTE_NS // _CANDLE_STEP_NS)
    start_ns = _START_NS // MINUTE_NS * MINUTE_NS
    path = synthetic_path(
        SYMBOLS,
        _CALM,
        seed=SEED,
        start_ns=start_ns,
        steps=steps,
        step_ns=_CANDLE_STEP_NS,
        books=False,
        candle_ns=MINUTE_NS,
    )
    for point in path:
        if isinstance(point, CandlePoint):
            yield point
            yield PricePoint(point.at_ns, point.symbol, point.row.close)
