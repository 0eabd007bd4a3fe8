"""T04: an order that is worth too much."""

from decimal import Decimal

from msgspec.structs import replace

from perptape.core.edge.simulation.exchange.listing import BTC_PERP, ETH_PERP
from perptape.core.events import OrderBlocked, OrderRequested
from perptape.replays.oracle import orders_are_measured
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Restart,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require_equal,
    scripted,
    verifies,
)

TEN_COINS = replace(ETH_PERP, contract_size=Decimal("0.1"), size_increment=Decimal(1), size_min=Decimal(1))
"""Contracts of a tenth of a coin, whole ones only."""


@verifies("notional = price × size × contract size")
def an_order_counts_by_price_size_and_contract_size(run: Run) -> None:
    blocked = run.first(OrderBlocked, symbol=BTC).event
    require_equal((blocked.size, blocked.price), (Decimal("0.025"), Decimal("50005.0")), "what was wanted")
    require_equal(blocked.measured, Decimal("1250.125"), "50,005.0 × 0.025 × 1")
    coins = run.first(OrderBlocked, symbol=ETH).event
    require_equal((coins.size, coins.price), (4, Decimal("3000.30")), "contracts of 0.1 coin that were wanted")
    require_equal(coins.measured, Decimal("1200.120"), "3,000.30 × 4 × 0.1")


@verifies("notional = price × size × contract size")
def an_order_at_the_limit_passes_and_one_tick_above_does_not(run: Run) -> None:
    above = run.one(OrderBlocked, since=40)
    require_equal(above.measured, Decimal("1000.0025"), "40,000.1 × 0.025, a tick above the limit")
    passed = run.one(OrderRequested)
    require_equal((passed.symbol, passed.size), (BTC, Decimal("0.025")), "the order that passes")
    require_equal(run.fills(1)[0].price, 40_000, "its price: 40,000 × 0.025 is 1,000 exactly")


@verifies("blocked before the broker is called")
def the_venue_never_hears_of_what_is_blocked(run: Run) -> None:
    require_equal([run.second(call.at_ns) for call in run.called("submit")], [60], "seconds of calls")
    require_equal(len(run.venue.orders), 1, "orders at the venue")
    require_equal(run.state.intents, 1, "intents")


@verifies("both numbers in the reason")
def the_verdict_says_what_was_measured_and_what_is_allowed(run: Run) -> None:
    blocked = run.first(OrderBlocked, symbol=BTC).event
    require_equal((blocked.guard, blocked.limit), ("trade_value", 1_000), "who blocks, and its limit")
    require_equal(blocked.measured, Decimal("1250.125"), "what it measured")


WANTS = scripted("puppet", f"{BTC} 10 buy; {ETH} 20 buy; {BTC} 50 buy; {BTC} 60 buy")
CALM = {"volatility": None}

SCENARIO = Scenario(
    id="T04",
    name="max_trade_value",
    section="trading",
    story="order worth 1,250 against 1,000 → blocked",
    trading=canary(WANTS, sizing={"notional": Decimal("1250.2")}, guards=CALM),
    exchange=funded(instruments=(BTC_PERP, TEN_COINS)),
    market=market(
        prices(BTC, {0: 50_000, 30: 50_000, 45: "39996.10", 55: "39996.10", 60: 39_996, 90: 39_996}),
        prices(ETH, {0: 3_000, 90: 3_000}),
    ),
    acts=(At(30, Restart(trading=canary(WANTS, sizing={"notional": Decimal(1000)}, guards=CALM))),),
    verifies=(
        an_order_counts_by_price_size_and_contract_size,
        an_order_at_the_limit_passes_and_one_tick_above_does_not,
        the_venue_never_hears_of_what_is_blocked,
        the_verdict_says_what_was_measured_and_what_is_allowed,
        orders_are_measured("notional = price × size × contract size"),
    ),
)
