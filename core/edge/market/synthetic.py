"""Synthetic market paths: seeded, and the same to the last byte on every platform."""

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from itertools import groupby, tee
from random import Random
from typing import NamedTuple

from perptape.core.edge.market.conditions import Conditions
from perptape.core.edge.market.errors import ConditionsError
from perptape.core.edge.market.path import merged
from perptape.core.edge.market.points import BookPoint, CandlePoint, FundingPoint, MarketPoint, PricePoint
from perptape.core.edge.market.random_walk import UNIT, RandomWalk, normal_deviate
from perptape.core.edge.market.rows import CandleRow

FUNDING_EVERY_NS = 8 * 3_600_000_000_000
"""Funding is settled at 00:00, 08:00 and 16:00 UTC, as most venues do."""

_SIGNIFICANT_DIGITS = 6
_FUNDING_DEVIATION = 10_000
"""Standard deviation of a funding rate in units of 1e-8: 0.01 %, a usual rate of eight hours."""
_RATE_STEP = Decimal("0.00000001")
_SIZE_STEP = Decimal("0.0001")
_SIZES_PER_COIN = 10_000
_PARTS = 1_000_000
"""Parts of a basis point that a spread is counted in."""
_BPS_TWICE = 20_000
_EXACT = Context(prec=60)


def synthetic_path(
    symbols: Mapping[str, Decimal],
    conditions: Conditions,
    *,
    seed: int,
    start_ns: int,
    steps: int,
    step_ns: int | None = None,
    books: bool = True,
    candle_ns: int | None = None,
) -> Iterator[MarketPoint]:
    """A random market of `symbols`, each from its start price, one point a step and symbol.

    Points are books of bid and ask, or only reference prices with `books=False`; funding is settled every eight
    hours of UTC; `candle_ns` adds a candle of the mid prices at each multiple of it, the first whole one first. Each
    symbol has a stream of randomness of its own (from `seed` and its name), so that adding a symbol changes no other.
    Raises ConditionsError for a start price or step that cannot be.
    """
    step_ns = conditions.step_ns if step_ns is None else step_ns
    for symbol, price in symbols.items():
        if not (price.is_finite() and price > 0):
            raise ConditionsError(f"{symbol} cannot start at {price}; give a price above zero")
    if step_ns < 1 or steps < 0 or (candle_ns is not None and candle_ns < step_ns):
        raise ConditionsError(
            f"{steps} steps of {step_ns} ns with candles of {candle_ns} ns cannot be; "
            "steps take at least 1 ns and candles at least one step"
        )
    times_ns = range(start_ns, start_ns + steps * step_ns, step_ns)
    return merged(
        [
            _streams(_Market(symbol, price, conditions, seed, step_ns), times_ns, books=books, candle_ns=candle_ns)
            for symbol, price in symbols.items()
        ]
    )


class _Shown(NamedTuple):
    """What one step shows, in price steps and size steps."""

    at_ns: int
    mid: int
    bid: int
    bid_size: int
    ask: int
    ask_size: int


class _Market:
    """One symbol: its walk, its steps of price and size, and its own randomness."""

    def __init__(self, symbol: str, start: Decimal, conditions: Conditions, seed: int, step_ns: int) -> None:
        self.symbol = symbol
        base = symbol.split("-", 1)[0]
        self._walk = RandomWalk(start, base, conditions, step_ns, Random(f"{seed}:{symbol}:price"))
        self._sizes = Random(f"{seed}:{symbol}:size")
        self._rates = Random(f"{seed}:{symbol}:funding")
        self.price_step = Decimal(1).scaleb(start.adjusted() - _SIGNIFICANT_DIGITS + 1)
        self._step_units = int(_EXACT.multiply(self.price_step, Decimal(UNIT)))
        self._half_spread = int(_EXACT.multiply(conditions.spread_bps, Decimal(_PARTS)))
        self._depth = int(_EXACT.multiply(conditions.depth, Decimal(UNIT))) * _SIZES_PER_COIN

    def shown(self, times_ns: range) -> Iterator[_Shown]:
        """The market at each time, after one move of the walk."""
        step = self._step_units
        for at_ns in times_ns:
            units = self._walk.step()
            half = units * self._half_spread // (_BPS_TWICE * _PARTS)
            bid, ask = (units - half) // step, -(-(units + half) // step)
            ask = max(ask, bid + 1)
            yield _Shown(at_ns, (units + step // 2) // step, bid, self._size(units), ask, self._size(units))

    def price(self, steps: int) -> Decimal:
        """A price of so many price steps."""
        return _EXACT.multiply(Decimal(steps), self.price_step)

    def funding_rate(self) -> Decimal:
        """The next funding rate."""
        return _EXACT.multiply(Decimal(_FUNDING_DEVIATION * normal_deviate(self._rates) // 65_536), _RATE_STEP)

    def _size(self, units: int) -> int:
        # Uniform between a half and one and a half of the depth.
        return max(1, self._depth * (32_768 + self._sizes.getrandbits(16)) // (65_536 * units))


def _streams(
    market: _Market, times_ns: range, *, books: bool, candle_ns: int | None
) -> Iterator[Iterator[MarketPoint]]:
    shown, for_candles = tee(market.shown(times_ns))
    yield _book_points(market, shown) if books else _mid_points(market, shown)
    if candle_ns is not None:
        yield _candle_points(market, for_candles, times_ns, candle_ns)
    yield _funding_points(market, times_ns)


def _book_points(market: _Market, shown: Iterator[_Shown]) -> Iterator[MarketPoint]:
    for at_ns, _, bid, bid_size, ask, ask_size in shown:
        yield BookPoint(at_ns, market.symbol, market.price(bid), _size(bid_size), market.price(ask), _size(ask_size))


def _mid_points(market: _Market, shown: Iterator[_Shown]) -> Iterator[MarketPoint]:
    for each in shown:
        yield PricePoint(each.at_ns, market.symbol, market.price(each.mid))


def _candle_points(market: _Market, shown: Iterator[_Shown], times_ns: range, candle_ns: int) -> Iterator[MarketPoint]:
    """Candles of the mid prices. Nothing trades here: the volume stands in as what the books showed at the bid."""
    for bar, together in groupby(shown, key=lambda each: each.at_ns // candle_ns):
        start_ns, end_ns = bar * candle_ns, (bar + 1) * candle_ns
        all_shown = list(together)
        if start_ns < times_ns.start or end_ns > times_ns.stop:
            continue
        mids = [each.mid for each in all_shown]
        prices = [market.price(steps) for steps in (mids[0], max(mids), min(mids), mids[-1])]
        volume = _size(sum(each.bid_size for each in all_shown))
        row = CandleRow(start_ns, end_ns, prices[0], prices[1], prices[2], prices[3], volume)
        yield CandlePoint(end_ns, market.symbol, row)


def _funding_points(market: _Market, times_ns: range) -> Iterator[MarketPoint]:
    first_ns = -(-times_ns.start // FUNDING_EVERY_NS) * FUNDING_EVERY_NS
    for at_ns in range(first_ns, times_ns.stop, FUNDING_EVERY_NS):
        yield FundingPoint(at_ns, market.symbol, market.funding_rate())


def _size(steps: int) -> Decimal:
    return _EXACT.multiply(Decimal(steps), _SIZE_STEP)
