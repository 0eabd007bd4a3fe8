"""B04: an order is accepted and rejected later."""

from perptape.core.events import OrderAccepted, OrderBlocked, OrderRejected, OrderRequested
from perptape.replays.oracle import orders_are_as_reported, parts_add_up
from perptape.replays.scenarios import (
    BTC,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    rejected,
    require,
    require_equal,
    scripted,
    verifies,
)

CODE = "INVALID_LIMIT_PRICE_POST_ONLY"


@verifies("reason kept")
def the_venues_word_is_kept_with_the_order(run: Run) -> None:
    accepted, refused = run.first(OrderAccepted), run.line(OrderRejected)
    require(accepted.version < refused.version, "it was rejected before it was accepted")
    require_equal(refused.event.code, CODE, "the venue's word")
    require_equal(run.statuses(1), ["requested", "open", "rejected"], "statuses")
    note = run.order(1).note
    require_equal(note and (note.code, note.names), ("venue_code", {"code": CODE}), "what the order says")
    [alert] = run.alerts("order_rejected")
    require_equal((alert.reason.code, alert.reason.names["code"]), ("rejected_by_venue", CODE), "what the alert says")


@verifies("no position")
def nothing_is_held_or_working(run: Run) -> None:
    after = run.state_after(run.line(OrderRejected).version)
    require_equal((after.positions, after.orders), ({}, {}), "positions and working orders")
    require_equal(run.fills(1), [], "fills")
    run.agrees_with_venue()


@verifies("strategy told")
def the_strategys_sleeve_says_what_was_refused_and_holds_it_back_for_a_minute(run: Run) -> None:
    line = run.line(OrderRejected)
    sleeve = run.state_after(line.version).markets[BTC].sleeves[0]
    require(sleeve.refusal.startswith(CODE), f"the sleeve says {sleeve.refusal!r}")
    require_equal(sleeve.refused_at_ns, line.at_ns, "since when")
    blocked = run.line(OrderBlocked)
    require_equal((blocked.event.guard, run.second(blocked.at_ns)), ("refusal_cooldown", 30), "who blocks, and when")
    require_equal((blocked.event.measured, blocked.event.limit), (20, 60), "seconds since, and limit")


@verifies("strategy told")
def after_the_minute_it_may_try_again(run: Run) -> None:
    again = run.last(OrderRequested)
    require_equal((again.event.intent, run.second(again.at_ns)), (2, 80), "the next order")
    require_equal(run.order(2).status, "open", "its status")


SCENARIO = Scenario(
    id="B04",
    name="rejected_after_accept",
    section="broker",
    story="accepted, later rejected (post-only would cross)",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {BTC} 30 buy; {BTC} 80 buy"), orders={"entry_type": "post_only"}),
    exchange=funded(faults=(rejected(code=CODE, after_accepting=True),)),
    market=market(prices(BTC, {0: 50_000, 120: 50_000})),
    verifies=(
        the_venues_word_is_kept_with_the_order,
        nothing_is_held_or_working,
        the_strategys_sleeve_says_what_was_refused_and_holds_it_back_for_a_minute,
        after_the_minute_it_may_try_again,
        orders_are_as_reported("reason kept"),
        parts_add_up("strategy told"),
    ),
)
