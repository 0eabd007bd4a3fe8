"""An instrument: what the venue lets one trade, in which steps, at which cost."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from typing import Literal

from msgspec import Struct

from perptape.core.money import snap


class Instrument(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One perpetual future. Prices are in quote currency, sizes in contracts, rates are fractions of notional."""

    symbol: str
    underlying: str
    """The coin that limits across related symbols are counted in, e.g. BTC."""
    price_increment: Decimal
    size_increment: Decimal
    size_min: Decimal
    size_max: Decimal
    notional_min: Decimal
    contract_size: Decimal
    """Coins per contract: notional = price * size * contract_size."""
    maker_fee_rate: Decimal
    taker_fee_rate: Decimal
    initial_margin_rate: Decimal
    maintenance_margin_rate: Decimal


def notional(instrument: Instrument, size: Decimal, price: Decimal) -> Decimal:
    """Value of `size` contracts at `price` in quote currency, never negative: |size| * contract_size * price."""
    return abs(size) * instrument.contract_size * price


def quantise_size(instrument: Instrument, size: Decimal) -> Decimal:
    """The largest permitted size not above |size|, with its sign; contracts."""
    return snap(size, instrument.size_increment, ROUND_DOWN)


def quantise_price(instrument: Instrument, price: Decimal, side: Literal["buy", "sell"]) -> Decimal:
    """The nearest tick that is not worse for the bot: down for a buy, up for a sell."""
    return snap(price, instrument.price_increment, ROUND_FLOOR if side == "buy" else ROUND_CEILING)


SizeFault = Literal["size_below_minimum", "size_above_maximum", "size_off_increment", "notional_below_minimum"]


def size_fault(instrument: Instrument, size: Decimal, value: Decimal) -> tuple[SizeFault, Decimal, Decimal] | None:
    """What the venue would refuse an order of this positive size and this notional for: what, measured and limit."""
    if size < instrument.size_min:
        return "size_below_minimum", size, instrument.size_min
    if size > instrument.size_max:
        return "size_above_maximum", size, instrument.size_max
    if size % instrument.size_increment:
        return "size_off_increment", size, instrument.size_increment
    if value < instrument.notional_min:
        return "notional_below_minimum", value, instrument.notional_min
    return None
