"""Sizing: how large a position a signal asks for, first as money, then in the venue's steps.

Both steps round towards less, so that no bound is passed by rounding. The leverage and value guards look again.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from typing import assert_never

from perptape.core.instruments import Instrument, quantise_size
from perptape.core.money import CENT_FRACTION, ONE, ZERO, snap
from perptape.core.settings import SizingSettings

PRICES_MIN = 10
"""A volatility from fewer prices says too little to stake money on."""


def position_notional(
    settings: SizingSettings,
    equity: Decimal,
    capital_share: Decimal,
    leverage_max: Decimal | None,
    window_prices: Sequence[Decimal],
) -> Decimal:
    """Notional of the position a signal asks for, in quote currency; 0 when there is nothing to stake, or not yet.

    A strategy's capital is equity * capital_share. The notional is `notional` (fixed_notional), capital * `leverage`
    (target_leverage), or capital * `risk_fraction` / sigma (volatility_scaled), where sigma is the volatility of the
    window, so that a one-sigma move costs `risk_fraction` of the capital. It is bounded by `notional_max` and by
    capital * leverage_max; a window without any movement asks for that bound, and for nothing where there is none.
    """
    capital = equity * capital_share
    if capital <= ZERO:
        return ZERO
    wanted: Decimal | None = None
    match settings.method:
        case "fixed_notional":
            wanted = settings.notional
        case "target_leverage":
            wanted = capital * settings.leverage
        case "volatility_scaled":
            if len(window_prices) < PRICES_MIN:
                return ZERO
            sigma = volatility(window_prices)
            if sigma:
                wanted = capital * settings.risk_fraction / sigma
        case _:
            assert_never(settings.method)
    wanted = _bounded(wanted, settings.notional_max)
    wanted = _bounded(wanted, None if leverage_max is None else capital * leverage_max)
    return snap(wanted, CENT_FRACTION, ROUND_DOWN) if wanted is not None and wanted > ZERO else ZERO


def _bounded(wanted: Decimal | None, bound: Decimal | None) -> Decimal | None:
    """The smaller of the two; None where there is neither."""
    if wanted is None or (bound is not None and bound < wanted):
        return bound
    return wanted


def volatility(prices: Sequence[Decimal]) -> Decimal:
    """Root mean square of the returns between consecutive prices, as a fraction per step; 0 for fewer than two.

    The mean return is taken as 0, as is usual over short windows, where it is mostly noise.
    """
    squares = [(later / earlier - ONE) ** 2 for earlier, later in pairwise(prices)]
    return (sum(squares, ZERO) / len(squares)).sqrt() if squares else ZERO


def position_size(instrument: Instrument, notional: Decimal, price: Decimal) -> Decimal:
    """Contracts worth at most `notional` at `price`: a whole number of size increments, at most the largest order.

    0 without a price. May be below the venue's minimum, which `perptape.core.instruments.size_fault` then tells.
    """
    if price <= ZERO:
        return ZERO
    contracts = notional / (price * instrument.contract_size)
    return quantise_size(instrument, min(contracts, instrument.size_max))
