"""X03: a crash by 30 % in a minute, and the way back."""

from decimal import Decimal

from perptape.core.events import GuardTripped, ModeChanged, OrderBlocked, OrderFilled, OrderRequested, QuoteUpdated
from perptape.replays.oracle import (
    limits_trip,
    money_adds_up,
    orders_are_measured,
    parts_add_up,
    signals_are_pursued,
)
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


@verifies("stops and limits act on real prices")
def the_stop_leaves_at_the_first_price_below_it_and_fills_at_the_bid_of_then(run: Run) -> None:
    left = run.line(OrderRequested, purpose="trailing_stop")
    before = run.last(QuoteUpdated, symbol=BTC, until=run.second(left.at_ns)).event
    require((before.bid + before.ask) / 2 > 49_000, "it could have left a price earlier")
    require_equal(left.event.reference_price, Decimal("48750.00"), "the first price of the crash below 49,000")
    at_price = run.events[(left.cause or 0) - 1].event
    [fill] = run.fills(left.event.intent)
    require_equal(fill.price, at_price.bid, "filled at the bid of that price and not at the stop")


@verifies("stops and limits act on real prices")
def the_daily_loss_is_measured_at_the_price_of_the_moment(run: Run) -> None:
    tripped = run.line(GuardTripped, guard="daily_loss")
    price = run.events[(tripped.cause or 0) - 1].event
    require(isinstance(price, (QuoteUpdated, OrderFilled)), f"what trips it is {type(price).__name__}")
    require(Decimal(30) <= tripped.event.measured < 45, f"it measured {tripped.event.measured:f} of 30")
    require_equal(run.one(ModeChanged, mode="reduce_only").cause, "daily_loss", "what it leads to")


@verifies("stops and limits act on real prices")
def the_volatility_breaker_stops_entries_at_five_percent(run: Run) -> None:
    tripped = run.first(GuardTripped, guard="volatility", symbol=BTC)
    require(Decimal("0.05") < tripped.event.measured < Decimal("0.08"), f"it measured {tripped.event.measured:f}")
    entries = run.lines(OrderRequested, symbol=BTC, purpose="entry", since=run.second(tripped.at_ns))
    require_equal(entries, [], "entries afterwards")


@verifies("no order storm")
def a_strategy_that_wants_in_at_every_price_sends_nothing_into_the_crash(run: Run) -> None:
    blocked = run.lines(OrderBlocked, strategy="falling_knife", since=30, until=120)
    require(len(blocked) >= 10, f"it was blocked {len(blocked)} times")
    require_equal(run.all(OrderRequested, strategy="falling_knife", since=30, until=120), [], "what it sends")


@verifies("no order storm")
def three_orders_are_all_that_leaves(run: Run) -> None:
    sent = [(order.strategy, order.purpose) for order in run.all(OrderRequested)]
    require_equal(
        sent,
        [("holder", "entry"), ("reverts", "entry"), ("holder", "trailing_stop")],
        "orders of the whole session",
    )
    require_equal(len(run.called("submit")), 3, "calls")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="X03",
    name="flash_crash",
    section="extreme",
    story="−30 % in a minute, then recovery",
    trading=canary(
        scripted("holder", f"{BTC} 10 buy", symbols=(BTC,), trailing_stop=Decimal("0.02")),
        scripted("falling_knife", f"{BTC} 45..115 buy", symbols=(BTC,)),
        scripted("reverts", f"{ETH} 20 buy", symbols=(ETH,)),
        guards={"daily_loss_limit": Decimal(30)},
    ),
    exchange=funded(),
    market=market(
        prices(BTC, {0: 50_000, 30: 50_000, 90: 35_000, 95: 35_000, 150: 48_000, 200: 48_000}),
        prices(ETH, {0: 3_000, 30: 3_000, 90: 2_100, 95: 2_100, 150: 2_900, 200: 2_900}),
    ),
    verifies=(
        the_stop_leaves_at_the_first_price_below_it_and_fills_at_the_bid_of_then,
        the_daily_loss_is_measured_at_the_price_of_the_moment,
        the_volatility_breaker_stops_entries_at_five_percent,
        a_strategy_that_wants_in_at_every_price_sends_nothing_into_the_crash,
        three_orders_are_all_that_leaves,
        limits_trip("stops and limits act on real prices"),
        signals_are_pursued("stops and limits act on real prices"),
        parts_add_up("stops and limits act on real prices"),
        money_adds_up("stops and limits act on real prices"),
        orders_are_measured("no order storm"),
    ),
)
