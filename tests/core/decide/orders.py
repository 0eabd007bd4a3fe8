"""Bots that have just requested an order."""

from perptape.core.settings import OrderSettings
from tests.core.facts import (
    quote,
    running,
)
from tests.core.puppet import puppet
from tests.core.rules import Scene, given

RESTING = OrderSettings(entry_type="limit", limit_ttl_s=3600)


def ordered(**changes: object) -> Scene:
    """A bot that has just requested an entry: buy 5 at market."""
    return given(*running(puppet(buy=100, close=101, trailing_stop="0.1"), **changes)).when(quote(100))  # type: ignore[arg-type]


def resting() -> Scene:
    """A bot whose limit order to buy 5 at 100 rests."""
    return ordered(orders=RESTING).accept()
