"""S08: other symbols and limits after a restart."""

from decimal import Decimal

from perptape.core.events import ConfigurationLoaded, OrderBlocked, OrderRequested, SignalGenerated
from perptape.replays.oracle import (
    markets_are_as_heard,
    mode_follows,
    orders_are_measured,
    parts_add_up,
    timers_fire_when_due,
)
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
    require,
    require_equal,
    scripted,
    verifies,
)

SOL = "SOL-PERP"
BEFORE = canary(
    scripted("old", f"{BTC} 10 buy; {BTC} 80 buy", symbols=(BTC,), trailing_stop=Decimal("0.01")), symbols=(BTC, ETH)
)
AFTER = canary(
    scripted("new", f"{SOL} 60 buy", symbols=(SOL,), capital_share=Decimal("0.03")),
    scripted("greedy", f"{ETH} 75 buy", symbols=(ETH,), capital_share=Decimal("0.0405")),
    symbols=(SOL, ETH),
    guards={"trade_value_max": Decimal(400)},
    sizing={"method": "target_leverage"},
)


@verifies("new symbols tracked, dropped ones no longer (a position in a dropped symbol is still managed)")
def the_new_symbol_is_followed_and_traded_from_its_event_on(run: Run) -> None:
    loaded = run.lines(ConfigurationLoaded)
    require_equal(len(loaded), 2, "configurations loaded")
    require(not run.state_after(loaded[1].version - 1).markets[SOL].followed, "it was followed before")
    require(run.state_after(loaded[1].version).markets[SOL].followed, "it is not followed after")
    require_equal(run.one(OrderRequested, symbol=SOL).strategy, "new", "who trades it")


@verifies("new symbols tracked, dropped ones no longer (a position in a dropped symbol is still managed)")
def the_dropped_strategy_is_asked_no_more_but_its_stop_closes_the_position(run: Run) -> None:
    require(not run.state.markets[BTC].followed, "the dropped symbol is still followed")
    require_equal(run.all(SignalGenerated, symbol=BTC, since=50), [], "signals in the dropped symbol")
    orders = run.lines(OrderRequested, symbol=BTC)
    require_equal([line.event.purpose for line in orders], ["entry", "trailing_stop"], "orders in it")
    require(run.second(orders[1].at_ns) > 40, "the stop closed it before the restart")
    require(orders[1].event.reduce_only, "the exit is not reduce-only")
    require_equal(run.position(BTC), 0, "position in it")
    require_equal(run.sleeve(BTC, "old").stopped, "no longer configured", "the strategy there")


@verifies("limits apply from a recorded event on")
def an_order_of_500_passed_before_and_would_not_after(run: Run) -> None:
    loaded = run.lines(ConfigurationLoaded)[1].version
    entry = run.first(OrderRequested)
    require(entry.version < loaded, "the first entry came after the change")
    require(entry.event.size * entry.event.reference_price > 400, "the first entry was not above the later limit")
    require_equal(run.state_after(loaded - 1).settings.guards.trade_value_max, Decimal(1_000), "the limit before")
    require_equal(run.state_after(loaded).settings.guards.trade_value_max, Decimal(400), "the limit after")
    blocked = run.one(OrderBlocked)
    require_equal(
        (blocked.guard, blocked.symbol, blocked.limit), ("trade_value", ETH, 400), "what the new limit blocks"
    )
    require(Decimal(400) < blocked.measured < 410, f"it measured {blocked.measured}")


SCENARIO = Scenario(
    id="S08",
    name="config_change",
    section="state",
    story="restart with other symbols and limits",
    trading=BEFORE,
    exchange=funded(),
    market=market(
        prices(BTC, {0: 50_000, 50: 50_000, 70: 49_000, 110: 49_000}),
        prices(ETH, {0: 3_000, 110: 3_000}),
        prices(SOL, {0: 150, 110: 150}),
    ),
    acts=(At(40, Restart(trading=AFTER)),),
    verifies=(
        the_new_symbol_is_followed_and_traded_from_its_event_on,
        the_dropped_strategy_is_asked_no_more_but_its_stop_closes_the_position,
        an_order_of_500_passed_before_and_would_not_after,
        parts_add_up("new symbols tracked, dropped ones no longer (a position in a dropped symbol is still managed)"),
        markets_are_as_heard(
            "new symbols tracked, dropped ones no longer (a position in a dropped symbol is still managed)"
        ),
        mode_follows("new symbols tracked, dropped ones no longer (a position in a dropped symbol is still managed)"),
        orders_are_measured("limits apply from a recorded event on"),
        timers_fire_when_due("limits apply from a recorded event on"),
    ),
)
