"""T12: a person trades on the venue."""

from decimal import Decimal

from perptape.core.events import ExternalOrderAdopted, OrderBlocked, OrderCanceled, OrderRequested
from perptape.replays.oracle import (
    mode_follows,
    money_adds_up,
    orders_are_as_reported,
    parts_add_up,
    people_are_told,
)
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Operator,
    Run,
    Scenario,
    TradeByHand,
    canary,
    funded,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)

BY_HAND = Decimal("0.045")


@verifies("no crash")
def the_bot_goes_on_trading_and_agrees_with_the_venue(run: Run) -> None:
    entry = run.one(OrderRequested, symbol=ETH, purpose="entry")
    require_equal(run.order(entry.intent).status, "filled", "an entry after the person's trade")
    require_equal(len(run.alerts("external_fill")), 1, "alerts about a fill of no known order")
    run.agrees_with_venue()


@verifies("counted in risk")
def the_persons_position_counts_against_the_cap(run: Run) -> None:
    require_equal(run.state_at(25).positions[BTC].size, BY_HAND, "what is held after the person's trade")
    blocked = run.one(OrderBlocked)
    require_equal((blocked.guard, blocked.symbol), ("position_cap", BTC), "who blocks what")
    require_equal(blocked.measured, Decimal("0.055"), "0.045 of the person and 0.01 of the bot")


@verifies("counted in risk")
def its_loss_is_a_loss_of_the_account(run: Run) -> None:
    account = run.state_at(79).account
    held = run.state_at(79).positions[BTC]
    require_equal(held.unrealised, Decimal("-22.725"), "0.045 × (49,500 − 50,005)")
    require_equal(account.equity, account.cash + held.unrealised + run.state_at(79).positions[ETH].unrealised, "equity")


@verifies("bot can manage and close it")
def an_operators_flatten_closes_it_too(run: Run) -> None:
    closed = run.one(OrderRequested, symbol=BTC, purpose="flatten")
    require_equal((closed.side, closed.size, closed.reduce_only), ("sell", BY_HAND, True), "the order that closes it")
    require_equal(run.state.positions, {}, "what is held at the end")


@verifies("bot can manage and close it")
def a_resting_order_of_the_person_is_adopted_and_canceled_with_the_others(run: Run) -> None:
    adopted = run.one(ExternalOrderAdopted)
    require_equal((adopted.symbol, adopted.side, adopted.limit_price), (ETH, "buy", 2_900), "what is adopted")
    gone = run.one(OrderCanceled)
    require_equal(gone.venue_order_id, adopted.venue_order_id, "what is canceled")
    require_equal(run.venue.working(), [], "working orders at the venue")


@verifies("origin kept as external")
def neither_position_nor_order_is_put_down_to_a_strategy(run: Run) -> None:
    for sleeve in run.state.markets[BTC].sleeves:
        require_equal((sleeve.result.fills, sleeve.position.size), (0, 0), f"fills and position of {sleeve.strategy}")
    require_equal(run.state.results[BTC].fills, 2, "fills of the symbol: the person's, and the one that closes it")
    adopted = run.orders[run.one(ExternalOrderAdopted).client_order_id]
    require_equal((adopted.purpose, adopted.strategy, adopted.intent), ("external", "", 0), "origin of the order")
    require(adopted.client_order_id.startswith("external"), f"it is kept under {adopted.client_order_id}")


SCENARIO = Scenario(
    id="T12",
    name="external_trade",
    section="trading",
    story="a person trades on the venue → bot adopts it",
    trading=canary(
        scripted("puppet", f"{BTC} 30 buy; {ETH} 60 buy"),
        reconciliation={"every_s": 50},
    ),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 40: 50_000, 70: 49_500, 120: 49_500}), prices(ETH, {0: 3_000, 120: 3_000})),
    acts=(
        At(20, TradeByHand(BTC, "buy", BY_HAND)),
        At(35, TradeByHand(ETH, "buy", Decimal("0.1"), Decimal(2_900))),
        At(80, Operator("cancel_all")),
        At(90, Operator("flatten")),
    ),
    verifies=(
        the_bot_goes_on_trading_and_agrees_with_the_venue,
        the_persons_position_counts_against_the_cap,
        its_loss_is_a_loss_of_the_account,
        an_operators_flatten_closes_it_too,
        a_resting_order_of_the_person_is_adopted_and_canceled_with_the_others,
        neither_position_nor_order_is_put_down_to_a_strategy,
        money_adds_up("counted in risk"),
        parts_add_up("bot can manage and close it"),
        mode_follows("bot can manage and close it"),
        people_are_told("no crash"),
        orders_are_as_reported("origin kept as external"),
    ),
)
