"""Telling a scenario's market: what each symbol's path says, in a line."""

from decimal import Decimal
from itertools import groupby
from typing import Any, assert_never

from perptape.core.durations import SECOND_NS
from perptape.core.edge.market import (
    BookPoint,
    CandlePoint,
    FundingPoint,
    MarketPoint,
    MarkPoint,
    PricePoint,
    TradePoint,
)
from perptape.replays.scenarios.language.scenario import Scenario

_POINTS: dict[type[Any], str] = {
    PricePoint: "price",
    BookPoint: "book",
    MarkPoint: "mark",
    TradePoint: "trade",
    CandlePoint: "candle",
    FundingPoint: "funding rate",
}


def market_in_words(row: Scenario) -> list[str]:
    """What each symbol's market says, line by line: kind, how often, from when to when, and between which values."""
    by_kind: dict[tuple[str, str], list[MarketPoint]] = {}
    for point in row.market(row.start_ns):
        by_kind.setdefault((point.symbol, _POINTS[type(point)]), []).append(point)
    return [_series_in_words(row, symbol, kind, points) for (symbol, kind), points in by_kind.items()]


def _series_in_words(row: Scenario, symbol: str, kind: str, points: list[MarketPoint]) -> str:
    first, last = (f"{Decimal(point.at_ns - row.start_ns) / SECOND_NS:f}" for point in (points[0], points[-1]))
    many = f"{len(points)} {kind}s" if len(points) > 1 else f"one {kind}"
    span = f"from {first} s to {last} s" if len(points) > 1 else f"at {first} s"
    values = [_value(point) for point in points]
    told = _turns(values)
    return f"{symbol}: {many} {span}, {' → '.join(_number(value) for value in told)}"


def _value(point: MarketPoint) -> Decimal:
    match point:
        case PricePoint(price=price) | MarkPoint(price=price) | TradePoint(price=price):
            return price
        case BookPoint(bid=bid, ask=ask):
            return (bid + ask) / 2
        case CandlePoint(row=candle):
            return candle.close
        case FundingPoint(rate=rate):
            return rate
        case _:
            assert_never(point)


def _turns(values: list[Decimal], most: int = 6) -> list[Decimal]:
    """First, last and the turning points between; only first, lowest, highest and last of a wild one."""
    if min(values) == max(values):
        return values[:1]
    changed = [value for value, _same in groupby(values)]
    inner = [
        changed[place]
        for place in range(1, len(changed) - 1)
        if (changed[place] > changed[place - 1]) != (changed[place + 1] > changed[place])
    ]
    if len(inner) + 2 > most:
        places = sorted(values.index(extreme) for extreme in (min(values), max(values)))
        inner = [values[place] for place in places]
    return [value for value, _same in groupby([changed[0], *inner, changed[-1]])]


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"
