"""Marks and funding belong beside prices: what lies before the first price or after the last one is left out.

A funding file often covers more time than the candles beside it; without this the bot would sit blind, paying funding,
for as long as that file goes on.
"""

from collections.abc import Iterable, Iterator

from perptape.core.edge.market.points import CandlePoint, FundingPoint, MarketPoint, MarkPoint


def within_prices(points: Iterable[MarketPoint]) -> Iterator[MarketPoint]:
    """The points from the first price to the last price or candle; a path without any price is left as it is."""
    held: list[MarketPoint] = []
    priced = False
    for point in points:
        if isinstance(point, (MarkPoint, FundingPoint)):
            held.append(point)
            continue
        if priced:
            yield from held
        elif isinstance(point, CandlePoint):
            continue
        held = []
        priced = True
        yield point
    if not priced:
        yield from held
