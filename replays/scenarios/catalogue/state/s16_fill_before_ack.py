"""S16: a fill arrives before the order's acceptance."""

from msgspec.structs import replace

from perptape.core.events import OrderAccepted, OrderFilled
from perptape.replays.oracle import money_adds_up, orders_are_as_reported
from perptape.replays.scenarios import (
    BTC,
    FaultRule,
    Run,
    Scenario,
    canary,
    funded,
    market,
    play,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)


@verifies("no phantom order or position")
def the_fill_comes_first_and_finds_its_order(run: Run) -> None:
    fill, accepted = run.line(OrderFilled), run.line(OrderAccepted)
    require(fill.version < accepted.version, "the acceptance came first")
    require_equal(run.statuses(1), ["requested", "filled"], "what the order passed through")
    require_equal(run.state_after(fill.version).orders, {}, "working orders after the fill")
    require_equal(run.state.orders, {}, "working orders at the end")
    require_equal(len(run.orders), 1, "orders ever known")
    require_equal(run.position(BTC), fill.event.size, "position")
    require_equal(run.state_after(accepted.version).positions, run.state_after(fill.version).positions, "after both")
    run.agrees_with_venue()


@verifies("same final state in either order")
def a_venue_that_answers_in_time_leads_to_the_same_book(run: Run) -> None:
    timely = play(replace(SCENARIO, exchange=replace(SCENARIO.exchange, faults=()), verifies=())).run
    require(timely.line(OrderAccepted).version < timely.line(OrderFilled).version, "it did not answer in time")
    for what in ("positions", "results", "orders", "seen_fills", "account"):
        require_equal(getattr(run.state, what), getattr(timely.state, what), what)
    late, early = run.order(1), timely.order(1)
    shared = ("status", "venue_order_id", "filled_size", "filled_value", "fees", "attempts", "note")
    for what in shared:
        require_equal(getattr(late, what), getattr(early, what), f"the order's {what}")


SCENARIO = Scenario(
    id="S16",
    name="fill_before_ack",
    section="state",
    story="fill arrives before the order's acceptance",
    trading=canary(scripted("puppet", f"{BTC} 10 buy")),
    exchange=funded(faults=(FaultRule("submit", "answer_late", delay_ms=2_000),)),
    market=market(prices(BTC, {0: 50_000, 40: 50_000})),
    verifies=(
        the_fill_comes_first_and_finds_its_order,
        a_venue_that_answers_in_time_leads_to_the_same_book,
        orders_are_as_reported("no phantom order or position"),
        money_adds_up("same final state in either order"),
    ),
)
