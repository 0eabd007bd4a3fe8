"""T02: a position is closed."""

from decimal import Decimal

from perptape.core.events import OrderFilled, OrderRequested, SignalGenerated
from perptape.replays.oracle import money_adds_up, orders_are_measured
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)


def _exit(run: Run, symbol: str) -> OrderRequested:
    return run.one(OrderRequested, purpose="exit", symbol=symbol)


@verifies("opposite side")
def a_long_is_sold_and_a_short_is_bought_back(run: Run) -> None:
    require_equal([signal.action for signal in run.all(SignalGenerated, action="close")], ["close"] * 2, "signals")
    require_equal((_exit(run, BTC).side, _exit(run, ETH).side), ("sell", "buy"), "sides of the exits")


@verifies("exact full size")
def the_exit_is_exactly_what_is_held(run: Run) -> None:
    require_equal(run.state_at(59).positions[BTC].size, Decimal("0.01"), "held before")
    require_equal(_exit(run, BTC).size, Decimal("0.01"), "500 USD at 50,000 bought 0.01; size of the exit")
    require_equal(_exit(run, ETH).size, Decimal("0.166"), "500 USD at 3,000 sold 0.166; size of the exit")


@verifies("reduce-only")
def the_exit_may_only_reduce_and_the_entry_may_do_more(run: Run) -> None:
    require(_exit(run, BTC).reduce_only and _exit(run, ETH).reduce_only, "an exit is not reduce-only")
    require(not run.one(OrderRequested, purpose="entry", symbol=BTC).reduce_only, "the entry is reduce-only")
    sent = [order.request for order in run.venue.orders.values() if order.request.intent > 2]
    require_equal([request.reduce_only for request in sent], [True, True], "as the venue got them")


@verifies("position gone")
def nothing_is_held_by_bot_strategy_or_venue(run: Run) -> None:
    require_equal(run.state.positions, {}, "positions")
    require_equal(run.sleeve(BTC, "puppet").position.size, 0, "what the strategy holds")
    require_equal(run.sleeve(BTC, "puppet").position.cost, 0, "and what it paid for it")
    run.agrees_with_venue()


@verifies("realised PnL right to the cent")
def the_gain_is_sold_less_bought_and_fees_are_apart(run: Run) -> None:
    bought, sold = run.all(OrderFilled, symbol=BTC)
    require_equal((bought.price, sold.price), (Decimal("50005.0"), Decimal("50994.9")), "paid and got")
    result = run.state.results[BTC]
    require_equal(result.realised, Decimal("9.899"), "0.01 × (50,994.9 − 50,005.0)")
    require_equal(result.fees, Decimal("0.5049995"), "0.0005 × 0.01 × (50,005.0 + 50,994.9)")
    short = run.state.results[ETH]
    require_equal(short.realised, Decimal("4.88040"), "0.166 × (2,999.70 − 2,970.30)")
    paid = result.fees + short.fees
    require_equal(run.state.account.cash, 10_000 + Decimal("14.7794") - paid, "cash")


SCENARIO = Scenario(
    id="T02",
    name="position_close",
    section="trading",
    story="position → CLOSE signal → flat",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {ETH} 10 sell; {BTC} 60 close; {ETH} 60 close")),
    exchange=funded(),
    market=market(
        prices(BTC, {0: 50_000, 20: 50_000, 50: 51_000, 90: 51_000}),
        prices(ETH, {0: 3_000, 20: 3_000, 50: 2_970, 90: 2_970}),
    ),
    verifies=(
        a_long_is_sold_and_a_short_is_bought_back,
        the_exit_is_exactly_what_is_held,
        the_exit_may_only_reduce_and_the_entry_may_do_more,
        nothing_is_held_by_bot_strategy_or_venue,
        the_gain_is_sold_less_bought_and_fees_are_apart,
        money_adds_up("realised PnL right to the cent"),
        orders_are_measured("exact full size"),
    ),
)
