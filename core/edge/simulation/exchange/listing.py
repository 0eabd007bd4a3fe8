"""What the exchange lists: two well-known perpetual futures, and a description made from a price for any other."""

from decimal import Decimal

from perptape.core.instruments import Instrument
from perptape.core.money import ONE

BTC_PERP = Instrument(
    symbol="BTC-PERP",
    underlying="BTC",
    price_increment=Decimal("0.1"),
    size_increment=Decimal("0.0001"),
    size_min=Decimal("0.0001"),
    size_max=Decimal(1000),
    notional_min=Decimal(10),
    contract_size=ONE,
    maker_fee_rate=Decimal("0.0002"),
    taker_fee_rate=Decimal("0.0005"),
    initial_margin_rate=Decimal("0.1"),
    maintenance_margin_rate=Decimal("0.03"),
)
ETH_PERP = Instrument(
    symbol="ETH-PERP",
    underlying="ETH",
    price_increment=Decimal("0.01"),
    size_increment=Decimal("0.001"),
    size_min=Decimal("0.001"),
    size_max=Decimal(10_000),
    notional_min=Decimal(10),
    contract_size=ONE,
    maker_fee_rate=Decimal("0.0002"),
    taker_fee_rate=Decimal("0.0005"),
    initial_margin_rate=Decimal("0.1"),
    maintenance_margin_rate=Decimal("0.03"),
)


def derived_instrument(symbol: str, price: Decimal) -> Instrument:
    """A generic perpetual: five significant digits of price, and a size step worth between 1 and 10 quote units."""
    magnitude = price.adjusted()
    step = _power_of_ten(-magnitude)
    return Instrument(
        symbol=symbol,
        underlying=symbol.partition("-")[0],
        price_increment=_power_of_ten(magnitude - 4),
        size_increment=step,
        size_min=step,
        size_max=step * 10_000_000,
        notional_min=Decimal(10),
        contract_size=ONE,
        maker_fee_rate=BTC_PERP.maker_fee_rate,
        taker_fee_rate=BTC_PERP.taker_fee_rate,
        initial_margin_rate=BTC_PERP.initial_margin_rate,
        maintenance_margin_rate=BTC_PERP.maintenance_margin_rate,
    )


def _power_of_ten(exponent: int) -> Decimal:
    return Decimal(10**exponent) if exponent >= 0 else ONE.scaleb(exponent)
