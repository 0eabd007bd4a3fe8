"""Alarms: what a price or a fill may have passed, told cheaply, since it is asked after every one of them."""

from decimal import Decimal

from perptape.core.market import Market, Sleeve
from perptape.core.state import State


def account_alarmed(state: State) -> bool:
    """Whether a guard has tripped, or the equity has fallen to a loss limit."""
    account = state.account
    return bool(state.tripped) or (account.floor is not None and account.equity <= account.floor)


def price_alarmed(state: State, market: Market) -> bool:
    """Whether the market's price may call for protection: an alarm of the account, its volatility band, or a stop."""
    account, price, band_high = state.account, market.price, market.band_high
    if state.tripped or (account.floor is not None and account.equity <= account.floor):  # `account_alarmed`, spelt out
        return True
    if band_high is not None and not market.band_low <= price <= band_high:
        return True
    for sleeve in market.sleeves:  # noqa: SIM110 - a generator would cost more than the rest
        if sleeve.stop_price is not None and stop_hit(sleeve, price):
            return True
    return False


def stop_hit(sleeve: Sleeve, price: Decimal) -> bool:
    """Whether the price has reached the sleeve's trailing stop."""
    if sleeve.stop_price is None:
        return False
    return price <= sleeve.stop_price if sleeve.position.size > 0 else price >= sleeve.stop_price
