"""C02: a limit on everything that is held in one underlying."""

from decimal import Decimal

from msgspec.structs import replace

from perptape.core.edge.simulation.exchange.listing import BTC_PERP, ETH_PERP
from perptape.core.events import OrderBlocked, OrderFilled, OrderRequested
from perptape.core.events.reason import Reason
from perptape.replays.oracle import orders_are_measured
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

PHRASE = "across strategies and symbols sharing an underlying"
NANO = "BTC-NANO"
LISTED = replace(BTC_PERP, symbol=NANO, contract_size=Decimal("0.01"), size_increment=Decimal(1), size_min=Decimal(1))
"""Contracts of a hundredth of a coin, whole ones only."""
LIMIT = Decimal("0.025")


@verifies(PHRASE)
def two_strategies_in_two_symbols_fill_the_limit_together(run: Run) -> None:
    held = run.state_at(45).positions
    require_equal((held[BTC].coins, held[NANO].coins), (Decimal("0.01"), Decimal("0.01")), "coins held by each")
    require_equal(held[NANO].size, 1, "contracts of a hundredth of a coin")
    for line in run.lines(OrderFilled):
        state = run.state_after(line.version)
        coins = sum((state.positions[it].coins for it in (BTC, NANO) if it in state.positions), Decimal(0))
        require(abs(coins) <= LIMIT, f"{coins:f} coins held at version {line.version}")


@verifies(PHRASE)
def the_third_entry_is_blocked_although_it_would_fit_alone(run: Run) -> None:
    blocked = run.line(OrderBlocked)
    require_equal((blocked.event.guard, blocked.event.strategy), ("position_limit", "third"), "who blocks whom")
    require_equal((blocked.event.measured, blocked.event.limit), (Decimal("0.03"), LIMIT), "0.01 + 0.01 + 0.01 coins")
    require_equal(blocked.event.reason, Reason("above_limit"), "the reason")


@verifies(PHRASE)
def another_underlying_is_not_counted(run: Run) -> None:
    other = run.line(OrderRequested, symbol=ETH)
    require_equal((other.event.size, run.second(other.at_ns)), (Decimal("0.166"), 60), "an order in ETH")


@verifies(PHRASE)
def what_reduces_the_sum_passes_and_makes_room(run: Run) -> None:
    left = run.line(OrderRequested, purpose="exit")
    require_equal((left.event.symbol, left.event.strategy), (NANO, "second"), "what leaves")
    again = run.last(OrderRequested)
    require_equal((again.event.strategy, run.second(again.at_ns)), ("third", 90), "the entry that fits then")
    require_equal(run.position(BTC), Decimal("0.02"), "coins held at the end")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="C02",
    name="position_limit",
    section="compliance",
    story="a regulatory or venue limit on total position",
    trading=canary(
        scripted("first", f"{BTC} 10 buy; {ETH} 60 buy", symbols=(BTC, ETH)),
        scripted("second", f"{NANO} 30 buy; {NANO} 80 close", symbols=(NANO,)),
        scripted("third", f"{BTC} 50 buy; {BTC} 90 buy", symbols=(BTC,)),
        symbols=(BTC, ETH, NANO),
        guards={"underlying_limits": {"BTC": LIMIT}, "position_caps": {}},
    ),
    exchange=funded(instruments=(BTC_PERP, ETH_PERP, LISTED)),
    market=market(
        prices(NANO, {0: 50_000, 120: 50_000}),
        prices(BTC, {0: 50_000, 120: 50_000}),
        prices(ETH, {0: 3_000, 120: 3_000}),
    ),
    verifies=(
        two_strategies_in_two_symbols_fill_the_limit_together,
        the_third_entry_is_blocked_although_it_would_fit_alone,
        another_underlying_is_not_counted,
        what_reduces_the_sum_passes_and_makes_room,
        orders_are_measured(PHRASE),
    ),
)
