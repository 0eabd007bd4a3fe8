"""T08: three strategies share the capital."""

from decimal import Decimal

from perptape.core.events import OrderBlocked, OrderFilled, OrderRequested
from perptape.replays.oracle import orders_are_measured, parts_add_up, signals_are_pursued
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

SHARES = {"half": "0.5", "third": "0.3", "fifth": "0.2"}


@verifies("each stays inside its allocation")
def a_position_is_as_large_as_its_strategys_share_of_equity_allows(run: Run) -> None:
    half, fifth = run.one(OrderRequested, strategy="half"), run.one(OrderRequested, strategy="fifth")
    require_equal(half.size, Decimal("0.0999"), "half of 9,998 USD at 50,000, in steps of 0.0001")
    require_equal(fifth.size, Decimal("0.666"), "a fifth of 10,000 USD at 3,000, in steps of 0.001")
    for order in run.all(OrderRequested, purpose="entry"):
        used, allowed = order.size * order.reference_price, Decimal(SHARES[order.strategy]) * 10_000
        require(used <= allowed, f"{order.strategy} uses {used:f} of {allowed:f}")


@verifies("no strategy uses another's")
def what_one_has_left_over_is_not_anothers(run: Run) -> None:
    first = run.first(OrderRequested, strategy="third").event
    require_equal(first.size, Decimal("0.0600"), "0.3 of 10,000 USD at 50,000, although nothing else is held")
    require_equal(run.second(run.first(OrderRequested).at_ns), 10, "it is the first of all orders")
    again = run.lines(OrderRequested, strategy="third", since=40, until=60)
    require_equal(again, [], "orders of a strategy whose capital is used up")


@verifies("no strategy uses another's")
def one_closes_its_own_position_and_leaves_the_others(run: Run) -> None:
    closed = run.one(OrderRequested, purpose="exit")
    require_equal((closed.strategy, closed.size), ("third", Decimal("0.0600")), "who closes how much")
    require_equal(run.sleeve(BTC, "half").position.size, Decimal("0.0999"), "what another one holds in the symbol")
    require_equal(run.position(BTC), Decimal("0.0999"), "what is left in the symbol")


@verifies("total exposure inside the account limit")
def all_together_stay_inside_the_accounts_leverage(run: Run) -> None:
    for line in run.lines(OrderFilled):
        state = run.state_after(line.version)
        gross = sum(abs(held.coins) * state.markets[symbol].price for symbol, held in state.positions.items())
        require(gross <= state.account.equity, f"exposure {gross:f} at version {line.version} with a limit of 1")
    blocked = run.one(OrderBlocked)
    require_equal((blocked.guard, blocked.strategy, blocked.limit), ("leverage", "late", 1), "who blocks whom")


@verifies("attribution of PnL per strategy")
def each_strategys_result_is_that_of_its_own_fills(run: Run) -> None:
    third, half = run.sleeve(BTC, "third").result, run.sleeve(BTC, "half").result
    require_equal(third.realised, Decimal("29.39400"), "0.06 × (50,494.9 − 50,005.0)")
    require_equal((half.realised, half.fills), (0, 1), "what the other one has realised in the symbol")
    fees = sum((sleeve.result.fees for market in run.state.markets.values() for sleeve in market.sleeves), Decimal(0))
    require_equal(fees, run.state.account.total.fees, "fees of all strategies")
    require_equal(run.state.results[BTC].realised, third.realised, "what the symbol has realised")


SCENARIO = Scenario(
    id="T08",
    name="strategy_allocation",
    section="trading",
    story="capital split over three strategies",
    trading=canary(
        scripted("third", f"{BTC} 10 buy; {BTC} 40 buy; {BTC} 100 close", capital_share=Decimal("0.3")),
        scripted("half", f"{BTC} 60 buy", capital_share=Decimal("0.5")),
        scripted("fifth", f"{ETH} 70 buy", capital_share=Decimal("0.2")),
        scripted("late", f"{ETH} 120 sell", capital_share=Decimal("0.9")),
        sizing={"method": "target_leverage", "leverage": Decimal(1)},
        guards={"trade_value_max": None, "position_caps": {}, "leverage_max": Decimal(1), "exposure_share_max": None},
    ),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 80: 50_000, 95: 50_500, 150: 50_500}), prices(ETH, {0: 3_000, 150: 3_000})),
    verifies=(
        a_position_is_as_large_as_its_strategys_share_of_equity_allows,
        what_one_has_left_over_is_not_anothers,
        one_closes_its_own_position_and_leaves_the_others,
        all_together_stay_inside_the_accounts_leverage,
        each_strategys_result_is_that_of_its_own_fills,
        parts_add_up("attribution of PnL per strategy"),
        orders_are_measured("total exposure inside the account limit"),
        signals_are_pursued("each stays inside its allocation"),
    ),
)
