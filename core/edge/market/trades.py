"""Rows of trade files."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from perptape.core.edge.market.damage import (
    LARGEST_PRICE,
    LARGEST_SIZE,
    SMALLEST_PRICE,
    Check,
    damaged_row,
    is_plain,
    number,
    price_fault,
    size_fault,
    time_fault,
)
from perptape.core.edge.market.errors import MarketFileError
from perptape.core.edge.market.ordering import backwards
from perptape.core.edge.market.reading import NumberedCells, Reading
from perptape.core.edge.market.rows import TradeRow
from perptape.core.events import Side

_ZERO = Decimal(0)
_SIDES: Mapping[str, Side | None] = {
    "buy": "buy", "b": "buy", "bid": "buy", "1": "buy",
    "sell": "sell", "s": "sell", "ask": "sell", "-1": "sell",
    "": None, "unknown": None,
}  # fmt: skip
_SIDES_BY_BUYER_IS_MAKER: Mapping[str, Side | None] = {"true": "sell", "1": "sell", "false": "buy", "0": "buy"}
"""When the buyer was the maker, the seller was the aggressor."""


def read_trades(rows: NumberedCells, reading: Reading) -> Iterator[TradeRow]:
    """Trades in time order; several may share a time. Raises MarketFileError at a damaged row."""
    place, columns, width, parse_time, *_ = reading
    at_time, at_price, at_size = columns["time"], columns["price"], columns["size"]
    at_id = columns.get("trade_id", -1)
    sides = _SIDES_BY_BUYER_IS_MAKER if "buyer_is_maker" in columns else _SIDES
    at_side = columns.get("buyer_is_maker", columns.get("side", -1))
    before_ns = 0
    for row, cells in rows:
        try:
            texts = (cells[at_price], cells[at_size])
            read = Decimal if is_plain(texts) else number
            price, size = read(texts[0]), read(texts[1])
            side = sides[cells[at_side].strip().lower()] if at_side >= 0 else None
            at_ns = parse_time(cells[at_time])
            trade_id = cells[at_id] if at_id >= 0 else ""
            good = len(cells) == width and SMALLEST_PRICE <= price < LARGEST_PRICE and _ZERO < size < LARGEST_SIZE
        except (InvalidOperation, ValueError, OverflowError, IndexError, KeyError):
            raise _damaged(reading, row, cells, sides, at_side) from None
        if not good:
            raise _damaged(reading, row, cells, sides, at_side)
        if at_ns < before_ns:
            raise backwards(place, row, at_ns, before_ns)
        before_ns = at_ns
        yield TradeRow(at_ns, price, size, side, trade_id)


def _damaged(
    reading: Reading, row: int, cells: Sequence[str], sides: Mapping[str, Side | None], at_side: int
) -> MarketFileError:
    def side_fault(text: str) -> str:
        known = ", ".join(side for side in sides if side)
        return "" if text.strip().lower() in sides else f"'{text[:40]}' is no side (known: {known})"

    columns = reading.columns
    checks: dict[str, tuple[int, Check]] = {
        "time": (columns["time"], time_fault(reading.parse_time)),
        "price": (columns["price"], price_fault),
        "size": (columns["size"], size_fault),
    }
    if at_side >= 0:
        checks["side"] = (at_side, side_fault)
    return damaged_row(
        reading.place, row, cells, checks, width=reading.width, otherwise="a trade's size must be above zero",
        field="size",
    )  # fmt: skip
