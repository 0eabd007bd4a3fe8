"""The simulated exchange of a drill's process, as its journal left it, and the bot's state beside it."""

from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.edge.simulation.exchange import ExchangeSettings, SimulatedExchange
from perptape.core.opening import open_state
from perptape.core.state import State
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.scenarios.drills.bot_process import MARKET, STREAM, store_url
from perptape.replays.tape.source import TapePoint


class Both(Struct, frozen=True):
    """What each side holds."""

    state: State
    intents: list[int]
    """Of the orders that the venue holds."""
    client_order_ids: frozenset[str]
    """Of the same."""
    positions: dict[str, Any]
    cash: Any


def both_sides(folder: Path) -> Both:
    """Open the exchange where the bot's tape ends."""
    state = open_state(bytes(rebuild(STREAM, store_url(folder), TapePoint()).state))
    exchange = SimulatedExchange.open(folder / "exchange.sqlite", MARKET, ExchangeSettings(), "")
    try:
        exchange.resume(state.feed_seq)
        venue = exchange.state
        requests = [order.request for order in venue.orders.values()]
        return Both(
            state,
            [request.intent for request in requests],
            frozenset(request.client_order_id for request in requests),
            {symbol: holding.size for symbol, holding in venue.account.holdings.items()},
            venue.account.cash,
        )
    finally:
        exchange.close()
