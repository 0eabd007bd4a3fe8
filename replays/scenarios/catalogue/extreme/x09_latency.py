"""X09: everything is late, and overtakes each other."""

from decimal import Decimal

from perptape.core.events import OrderAccepted, OrderFilled, OrderRequested
from perptape.replays.oracle import (
    conditions_are_as_told,
    doubts_are_pursued,
    money_adds_up,
    orders_are_as_reported,
    parts_add_up,
)
from perptape.replays.scenarios import (
    BTC,
    ETH,
    NetworkSettings,
    Run,
    Scenario,
    canary,
    conditions,
    market,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)

LAST_S = 560


def _plan(symbol: str, offset: int) -> str:
    actions = ("buy", "close", "sell", "close")
    return "; ".join(f"{symbol} {offset + 20 * n} {actions[n % 4]}" for n in range((LAST_S - offset) // 20))


@verifies("as S16 at scale")
def frames_overtook_each_other_and_the_tape_has_them_in_order(run: Run) -> None:
    numbers = [line.event.seq for line in run.events if getattr(line.event, "seq", 0)]
    require_equal(numbers, sorted(set(numbers)), "numbers of the feed's messages on the tape")
    late = [line for line in run.lines(OrderFilled) if line.at_ns > line.event.venue_at_ns]
    require(len(late) > 20, f"only {len(late)} fills were late")
    require(len({line.at_ns - line.event.venue_at_ns for line in late}) > 5, "all were late by the same")


@verifies("as S16 at scale")
def no_order_or_position_is_there_that_the_venue_does_not_have(run: Run) -> None:
    run.agrees_with_venue()
    known = {order.request.client_order_id for order in run.venue.orders.values()}
    require_equal({order.client_order_id for order in run.all(OrderRequested)}, known, "orders here and there")
    require_equal(
        {run.at_venue(n) for n in range(1, run.state.intents + 1)}, {1}, "orders at the venue for each intent"
    )


@verifies("as S16 at scale")
def every_order_ends_as_the_venue_ended_it_with_the_same_fills(run: Run) -> None:
    for order in run.venue.orders.values():
        mine = run.order(order.request.intent)
        require_equal(mine.status, order.status, f"status of order {order.request.intent}")
        require_equal(mine.filled_size, sum((fill.size for fill in order.fills), Decimal(0)), "its filled size")
    require_equal(run.state.account.total.fills, len(run.venue.fills), "fills counted")
    require(run.state.intents > 30, f"only {run.state.intents} orders")


@verifies("as S16 at scale")
def an_acceptance_is_never_needed_to_know_a_fill(run: Run) -> None:
    accepted = {line.event.client_order_id: line.version for line in run.lines(OrderAccepted)}
    for fill in run.lines(OrderFilled):
        before = accepted.get(fill.event.client_order_id)
        require(before is None or before != fill.version, "told at once")
        state = run.state_after(fill.version)
        orders = {**state.orders, **state.closed_orders}
        require(orders[fill.event.client_order_id].filled_size > 0, f"the fill of version {fill.version} is not known")


SCENARIO = Scenario(
    id="X09",
    name="latency",
    section="extreme",
    story="delays with jitter, reordering",
    trading=canary(
        scripted("btc", _plan(BTC, 10), symbols=(BTC,)),
        scripted("eth", _plan(ETH, 20), symbols=(ETH,)),
        guards={"daily_loss_limit": None, "slippage_max": None},
    ),
    exchange=with_positions(request_latency_ms=700, report_latency_ms=900),
    network=NetworkSettings(jitter_ms=2_500, hold_ms=5_000),
    market=market(conditions("normal", {BTC: 50_000, ETH: 3_000}, seconds=600)),
    verifies=(
        frames_overtook_each_other_and_the_tape_has_them_in_order,
        no_order_or_position_is_there_that_the_venue_does_not_have,
        every_order_ends_as_the_venue_ended_it_with_the_same_fills,
        an_acceptance_is_never_needed_to_know_a_fill,
        money_adds_up("as S16 at scale"),
        orders_are_as_reported("as S16 at scale"),
        parts_add_up("as S16 at scale"),
        doubts_are_pursued("as S16 at scale"),
        conditions_are_as_told("as S16 at scale"),
    ),
)
