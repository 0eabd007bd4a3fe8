"""Market paths for scenarios: keyframes of prices, and what else the market says, in seconds of the session."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from perptape.core.durations import SECOND_NS
from perptape.core.edge.market import (
    CONDITIONS,
    BookPoint,
    CandlePoint,
    FundingPoint,
    MarketPoint,
    MarkPoint,
    PricePoint,
    TradePoint,
    synthetic_path,
)
from perptape.core.edge.market.points import POINT_ORDER
from perptape.core.edge.market.rows import CandleRow
from perptape.core.money import arithmetic

Number = int | str | Decimal
Path = Callable[[int], Iterator[MarketPoint]]
"""A market path: its points from a start in ns."""

_TICK = Decimal("0.01")


def market(*parts: Path) -> Path:
    """Several paths as one, in order of time."""

    def path(start_ns: int) -> Iterator[MarketPoint]:
        points = [point for part in parts for point in part(start_ns)]
        return iter(sorted(points, key=lambda point: (point.at_ns, POINT_ORDER[type(point)])))

    return path


def prices(symbol: str, keyframes: Mapping[int, Number | None], *, every_s: int = 5) -> Path:
    """A price every `every_s` seconds, on straight lines between the keyframes (second: price).

    From a keyframe of None on nothing is said until the next one. The last keyframe is the end of the path. The venue
    puts bid and ask around the price by its settings.
    """
    if not keyframes:
        raise ValueError(f"keyframes of {symbol}: at least one is needed")
    for second, price in keyframes.items():
        if price is not None and not _is_price(price):
            raise ValueError(f"keyframes of {symbol}: second {second} has {price!r}, not a price")
    for earlier, later in pairwise(keyframes):
        if earlier >= later:
            raise ValueError(f"keyframes of {symbol} must be in time order, but {later} follows {earlier}")

    def path(start_ns: int) -> Iterator[MarketPoint]:
        with arithmetic():
            points = [
                PricePoint(start_ns + second * SECOND_NS, symbol, price)
                for second, price in _interpolated(keyframes, every_s)
            ]
        return iter(points)

    return path


def _is_price(price: Number) -> bool:
    try:
        return Decimal(price).is_finite() and Decimal(price) > 0
    except (InvalidOperation, TypeError, ValueError):
        return False


def _interpolated(keyframes: Mapping[int, Number | None], every_s: int) -> Iterator[tuple[int, Decimal]]:
    frames = [(second, None if price is None else Decimal(price)) for second, price in keyframes.items()]
    for (second, price), (until, target) in pairwise(frames):
        if price is None:
            continue
        goal = price if target is None else target
        for now in range(second, until, every_s):
            yield now, (price + (goal - price) * (now - second) / (until - second)).quantize(_TICK)
    second, price = frames[-1]
    if price is not None:
        yield second, price.quantize(_TICK)


def books(symbol: str, shown: Mapping[int, tuple[Number, Number, Number, Number]]) -> Path:
    """Books as published: second: (bid, bid size, ask, ask size)."""

    def path(start_ns: int) -> Iterator[MarketPoint]:
        for second, (bid, bid_size, ask, ask_size) in shown.items():
            sizes = Decimal(bid_size), Decimal(ask_size)
            yield BookPoint(start_ns + second * SECOND_NS, symbol, Decimal(bid), sizes[0], Decimal(ask), sizes[1])

    return path


def marks(symbol: str, published: Mapping[int, Number]) -> Path:
    """Mark prices: second: price."""
    return lambda start_ns: iter(
        [MarkPoint(start_ns + second * SECOND_NS, symbol, Decimal(price)) for second, price in published.items()]
    )


def funding(symbol: str, settled: Mapping[int, Number]) -> Path:
    """Funding settled: second: rate as a fraction of notional, which longs pay when it is positive."""
    return lambda start_ns: iter(
        [FundingPoint(start_ns + second * SECOND_NS, symbol, Decimal(rate)) for second, rate in settled.items()]
    )


def trades(symbol: str, printed: Mapping[int, tuple[Number, Number]]) -> Path:
    """Trades of others: second: (price, size)."""
    return lambda start_ns: iter(
        [
            TradePoint(start_ns + second * SECOND_NS, symbol, Decimal(price), Decimal(size), None, f"{symbol}-{second}")
            for second, (price, size) in printed.items()
        ]
    )


def candles(symbol: str, closes: Mapping[int, Number], *, length_s: int = 60) -> Path:
    """Candles that close at these seconds with these prices; open, high and low follow from the one before."""

    def path(start_ns: int) -> Iterator[MarketPoint]:
        before: Decimal | None = None
        for second, price in closes.items():
            close = Decimal(price)
            opened = close if before is None else before
            end_ns = start_ns + second * SECOND_NS
            row = CandleRow(
                start_ns=end_ns - length_s * SECOND_NS,
                end_ns=end_ns,
                open=opened,
                high=max(opened, close),
                low=min(opened, close),
                close=close,
                volume=Decimal(1),
            )
            yield CandlePoint(end_ns, symbol, row)
            before = close

    return path


def conditions(name: str, start_prices: Mapping[str, Number], *, seconds: int, every_s: int = 5, seed: int = 7) -> Path:
    """A random market under the catalogue's named conditions: normal, volatile, illiquid or stress."""
    known = CONDITIONS[name]
    begin = {symbol: Decimal(price) for symbol, price in start_prices.items()}
    return lambda start_ns: synthetic_path(
        begin, known, seed=seed, start_ns=start_ns, steps=seconds // every_s, step_ns=every_s * SECOND_NS
    )
