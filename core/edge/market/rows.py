"""Rows of market files, whatever file they came from.

Times are integer nanoseconds since the epoch UTC; prices, sizes and rates are finite `Decimal`s. Rows are checked
by the readers that make them (prices above zero, sizes not negative, high and low around open and close).
"""

from collections.abc import Generator, Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from perptape.core.events import Side

MarketKind = Literal["candles", "trades", "quotes", "marks", "funding"]
NumberedRows = Generator[tuple[int, Sequence[str]], None, None]
"""The cells of each row with the number of the row in its file."""


class CandleRow(msgspec.Struct, frozen=True, gc=False):
    """One bar over [`start_ns`, `end_ns`); `volume` in the file's unit (base or quote), zero if it has none."""

    start_ns: int
    end_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class TradeRow(msgspec.Struct, frozen=True, gc=False):
    """One trade; `side` is the aggressor's (taker's), None when the file has none; `size` in the file's unit."""

    at_ns: int
    price: Decimal
    size: Decimal
    side: Side | None
    trade_id: str


class QuoteRow(msgspec.Struct, frozen=True, gc=False):
    """The best bid and ask; a size is None when the file has none."""

    at_ns: int
    bid: Decimal
    bid_size: Decimal | None
    ask: Decimal
    ask_size: Decimal | None


class MarkRow(msgspec.Struct, frozen=True, gc=False):
    """The mark price in force from `at_ns`."""

    at_ns: int
    price: Decimal


class FundingRow(msgspec.Struct, frozen=True, gc=False):
    """A funding rate settled at `at_ns`: a fraction of notional for the whole interval; positive: longs pay."""

    at_ns: int
    rate: Decimal


MarketRow = CandleRow | TradeRow | QuoteRow | MarkRow | FundingRow
