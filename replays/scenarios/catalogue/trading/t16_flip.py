"""T16: a long becomes a short in one order."""

from decimal import Decimal

from perptape.core.events import OrderFilled, OrderRequested
from perptape.replays.oracle import money_adds_up, orders_are_measured, signals_are_pursued
from perptape.replays.scenarios import (
    BTC,
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


@verifies("realised PnL for the closed part")
def only_what_was_held_is_realised(run: Run) -> None:
    bought = run.first(OrderFilled).event
    require_equal((bought.price, bought.size), (Decimal("50005.0"), Decimal("0.01")), "what was bought")
    flip = run.one(OrderRequested, side="sell")
    require_equal((flip.size, flip.reduce_only), (Decimal("0.0198"), False), "0.01 to close and 0.0098 to open")
    require_equal(
        run.state.results[BTC].realised, Decimal("9.899"), "0.01 × (50,994.9 − 50,005.0), nothing of the rest"
    )


@verifies("new entry price for the opened part")
def the_short_costs_what_it_was_sold_at(run: Run) -> None:
    held = run.state.positions[BTC]
    require_equal((held.size, held.cost), (Decimal("-0.0098"), Decimal("-499.75002")), "−0.0098 × 50,994.9")
    sleeve = run.sleeve(BTC, "puppet").position
    require_equal((sleeve.size, sleeve.cost), (held.size, held.cost), "the same for the strategy")


@verifies("position never counted twice")
def long_and_short_are_never_held_together(run: Run) -> None:
    sizes = [run.state_after(line.version).positions[BTC].size for line in run.lines(OrderFilled)]
    require_equal(sizes, [Decimal("0.01"), Decimal("-0.0098")], "held after each fill")
    require_equal(run.state.account.total.fills, 2, "fills")
    equity = run.state.account.cash + run.state.positions[BTC].unrealised
    require_equal(run.state.account.equity, equity, "equity: cash and one position")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="T16",
    name="flip",
    section="trading",
    story="long → larger opposite order → short",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {BTC} 60 sell"), guards={"trade_value_max": Decimal(1_100)}),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 20: 50_000, 50: 51_000, 90: 51_000})),
    verifies=(
        only_what_was_held_is_realised,
        the_short_costs_what_it_was_sold_at,
        long_and_short_are_never_held_together,
        money_adds_up("realised PnL for the closed part"),
        orders_are_measured("position never counted twice"),
        signals_are_pursued("new entry price for the opened part"),
    ),
)
