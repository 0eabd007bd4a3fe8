"""Market observations: what the venue's public feed and instrument list said.

`seq` is the place of the message in the venue's feed, counted from 1; 0 means that it did not come by the feed.
`venue_at_ns` is the venue's own time and is data; the event's `at_ns` is the time of receipt.
"""

from decimal import Decimal

from perptape.core.events.base import ListingMessage, MarketMessage, PriceMessage, Side, TradingStatus
from perptape.core.instruments import Instrument


class QuoteUpdated(PriceMessage, frozen=True, gc=False):
    """The best bid and offer changed. Prices in quote currency, sizes in contracts. Emitted by the market feed."""

    bid: Decimal
    bid_size: Decimal
    ask: Decimal
    ask_size: Decimal
    venue_at_ns: int


class TradePrinted(PriceMessage, frozen=True, gc=False):
    """Two other parties traded. `aggressor` is the taker's side, None when the venue does not say it."""

    price: Decimal
    size: Decimal
    aggressor: Side | None
    trade_id: str
    venue_at_ns: int


class MarkUpdated(PriceMessage, frozen=True, gc=False):
    """The venue published a mark price, by which it values positions and liquidates."""

    mark: Decimal
    index: Decimal | None
    venue_at_ns: int


class CandleClosed(PriceMessage, frozen=True, gc=False):
    """A bar [start_ns, end_ns) is complete. Volume in contracts, or as the source counts it."""

    start_ns: int
    end_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class FundingRateUpdated(MarketMessage, frozen=True, gc=False):
    """The funding rate of an interval: a positive rate is paid by longs to shorts, as a share of notional."""

    symbol: str
    rate: Decimal
    interval_s: int
    venue_at_ns: int


class InstrumentUpdated(ListingMessage, frozen=True, gc=False):
    """The venue described an instrument: increments, minimums, contract size, fees and margin rates."""

    instrument: Instrument


class TradingStatusChanged(ListingMessage, frozen=True, gc=False):
    """The venue opened, closed, halted or restricted trading in a symbol."""

    symbol: str
    status: TradingStatus
    reason: str
