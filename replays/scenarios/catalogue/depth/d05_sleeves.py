"""D05: strategies that share a symbol, and a person who trades against them."""

from decimal import Decimal

from perptape.core.events import OrderBlocked, OrderFilled, OrderRequested, TradingStatusChanged
from perptape.core.events.reason import operator_says
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    At,
    Operator,
    Run,
    Scenario,
    TradeByHand,
    VenueStatus,
    canary,
    funded,
    market,
    prices,
    require_equal,
    scripted,
    verifies,
)

PHRASE = "each strategy's part stays its own, whatever happens to the whole"


def _sizes(run: Run, second: int) -> list[str]:
    names = ("first", "second", "short")
    return [f"{run.sleeve_at(second, BTC, name).position.size.normalize():f}" for name in names]


@verifies(PHRASE)
def opposite_parts_are_held_side_by_side(run: Run) -> None:
    require_equal(_sizes(run, 45), ["0.01", "0.01", "-0.01"], "parts")
    require_equal(run.state_at(45).positions[BTC].size, Decimal("0.01"), "what the account holds")
    stops = [run.sleeve_at(45, BTC, name).stop_price for name in ("first", "second", "short")]
    require_equal(stops, [Decimal("45004.50"), None, Decimal("54994.50")], "stops: 10 % from 50,005 and 49,995")


@verifies(PHRASE)
def a_sale_by_hand_closes_longs_in_their_order_and_leaves_the_short(run: Run) -> None:
    require_equal(_sizes(run, 55), ["0", "0.005", "-0.01"], "parts after 0.015 were sold by hand")
    require_equal(run.sleeve_at(55, BTC, "first").stop_price, None, "the stop of the part that is closed")
    result = run.sleeve_at(55, BTC, "first").result
    require_equal(
        (result.realised, result.fills), (Decimal("-0.10"), 1), "0.01 × (49,995 − 50,005), no fill of its own"
    )
    require_equal(run.state_at(55).positions[BTC].size, Decimal("-0.005"), "what the account holds")


@verifies(PHRASE)
def a_purchase_by_hand_closes_the_short_and_the_rest_belongs_to_nobody(run: Run) -> None:
    require_equal(_sizes(run, 65), ["0", "0.005", "0"], "parts after 0.03 were bought by hand")
    require_equal(run.state_at(65).positions[BTC].size, Decimal("0.025"), "what the account holds")
    require_equal(run.sleeve_at(65, BTC, "short").stop_price, None, "the stop of the part that is closed")


@verifies(PHRASE)
def a_close_takes_the_strategys_own_part_only(run: Run) -> None:
    left = run.line(OrderRequested, purpose="exit")
    require_equal((left.event.strategy, left.event.size), ("second", Decimal("0.005")), "what leaves")
    require_equal(run.state_at(75).positions[BTC].size, Decimal("0.02"), "what the account holds")


@verifies(PHRASE)
def a_flatten_pauses_the_strategies_and_closes_all(run: Run) -> None:
    closed = run.line(OrderRequested, purpose="flatten")
    require_equal((closed.event.size, run.second(closed.at_ns)), (Decimal("0.02"), 80), "what is closed")
    said = operator_says("ann", "as the scenario says")
    require_equal(run.state_at(95).restricted, {"pause": said}, "what restricts the bot")
    require_equal(run.lines(OrderRequested, since=85), [], "orders of a strategy that wants in at 90 s")
    require_equal(run.state.positions, {}, "what is held at the end")
    run.agrees_with_venue()


@verifies(PHRASE)
def a_strategy_that_may_not_be_short_does_not_sell_what_it_does_not_hold(run: Run) -> None:
    require_equal(run.lines(OrderRequested, strategy="longs_only"), [], "its orders")
    require_equal(len(run.lines(OrderFilled)), 7, "fills of the session")


@verifies(PHRASE)
def where_the_venue_takes_resting_orders_only_a_market_order_is_held_back(run: Run) -> None:
    status = run.line(TradingStatusChanged, status="post_only")
    blocked = run.line(OrderBlocked)
    require_equal((blocked.event.guard, blocked.event.strategy), ("trading_halt", "longs_only"), "who blocks whom")
    require_equal(run.second(blocked.at_ns) - run.second(status.at_ns), 1, "seconds later")


SCENARIO = Scenario(
    id="D05",
    name="sleeves",
    section="depth",
    story="two longs and a short in one symbol, trades by hand against them → each keeps its part",
    trading=canary(
        scripted("first", f"{BTC} 10 buy; {BTC} 90 buy", trailing_stop=Decimal("0.1")),
        scripted("second", f"{BTC} 20 buy; {BTC} 70 close"),
        scripted("short", f"{BTC} 30 sell", trailing_stop=Decimal("0.1")),
        scripted("longs_only", f"{BTC} 5 sell; {BTC} 41 buy", short_allowed=False),
        guards={"wash_trade": False},
    ),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 110: 50_000}, every_s=1)),
    acts=(
        At(40, VenueStatus(BTC, "post_only", "auction")),
        At(43, VenueStatus(BTC, "open", "auction over")),
        At(50, TradeByHand(BTC, "sell", Decimal("0.015"))),
        At(60, TradeByHand(BTC, "buy", Decimal("0.03"))),
        At(80, Operator("flatten")),
    ),
    verifies=(
        opposite_parts_are_held_side_by_side,
        a_sale_by_hand_closes_longs_in_their_order_and_leaves_the_short,
        a_purchase_by_hand_closes_the_short_and_the_rest_belongs_to_nobody,
        a_close_takes_the_strategys_own_part_only,
        a_flatten_pauses_the_strategies_and_closes_all,
        a_strategy_that_may_not_be_short_does_not_sell_what_it_does_not_hold,
        where_the_venue_takes_resting_orders_only_a_market_order_is_held_back,
        *everything(PHRASE),
    ),
)
