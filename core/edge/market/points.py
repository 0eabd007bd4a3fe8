"""Points of a market path: what the market shows at one moment.

At one moment points come in the order of this module: what has ended (candles), then what is settled at (marks,
funding), then what happens now (trades), then where the market is after it (prices, books).
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from perptape.core.edge.market.rows import CandleRow
from perptape.core.events import Side


class CandlePoint(msgspec.Struct, frozen=True, gc=False):
    """A bar is complete; `at_ns` is its end."""

    at_ns: int
    symbol: str
    row: CandleRow


class MarkPoint(msgspec.Struct, frozen=True, gc=False):
    """The mark price is published."""

    at_ns: int
    symbol: str
    price: Decimal


class FundingPoint(msgspec.Struct, frozen=True, gc=False):
    """Funding is settled: `rate` is a fraction of notional, which longs pay when it is positive."""

    at_ns: int
    symbol: str
    rate: Decimal


class TradePoint(msgspec.Struct, frozen=True, gc=False):
    """Others traded; `side` is the aggressor's, None when unknown."""

    at_ns: int
    symbol: str
    price: Decimal
    size: Decimal
    side: Side | None
    trade_id: str


class PricePoint(msgspec.Struct, frozen=True, gc=False):
    """The reference price, around which an exchange without a book puts its bid and ask."""

    at_ns: int
    symbol: str
    price: Decimal


class BookPoint(msgspec.Struct, frozen=True, gc=False):
    """The best bid and ask; a size is None when unknown."""

    at_ns: int
    symbol: str
    bid: Decimal
    bid_size: Decimal | None
    ask: Decimal
    ask_size: Decimal | None


MarketPoint = CandlePoint | MarkPoint | FundingPoint | TradePoint | PricePoint | BookPoint

POINT_ORDER: Mapping[type, int] = {
    kind: order for order, kind in enumerate((CandlePoint, MarkPoint, FundingPoint, TradePoint, PricePoint, BookPoint))
}
"""Which comes first of points of one moment."""
