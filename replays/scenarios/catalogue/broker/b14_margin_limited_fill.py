"""B14: a part fills, and the venue cancels the rest for margin."""

from decimal import Decimal

from perptape.core.events import AlertRaised, CancelRequested, OrderCanceled, OrderFilled
from perptape.core.events.reason import venue_says
from perptape.replays.oracle import money_adds_up, orders_are_as_reported, people_are_told
from perptape.replays.scenarios import (
    BTC,
    At,
    Run,
    Scenario,
    VenueCancels,
    canary,
    market,
    prices,
    require_equal,
    scripted,
    thin,
    verifies,
)

REASON = "INSUFFICIENT_MARGIN: the rest would need more margin than there is"


@verifies("position is what filled")
def thirty_percent_are_held_and_no_more(run: Run) -> None:
    require_equal([fill.size for fill in run.all(OrderFilled)], [Decimal("0.006")], "fills of an order of 0.02")
    require_equal(run.position(BTC), Decimal("0.006"), "position")
    require_equal(run.sleeve(BTC, "puppet").position.size, Decimal("0.006"), "what the strategy holds")
    require_equal(run.statuses(1), ["requested", "open", "partly_filled 0.006", "canceled"], "statuses")
    run.agrees_with_venue()


@verifies("reason kept")
def the_venues_reason_stays_with_the_order(run: Run) -> None:
    gone = run.one(OrderCanceled)
    require_equal((gone.reason, gone.filled_size), (REASON, Decimal("0.006")), "reason and filled size")
    require_equal(run.order(1).note, venue_says(REASON), "what the order says")
    run.none(CancelRequested)


@verifies("alert")
def a_person_is_told_how_much_did_not_fill_and_why(run: Run) -> None:
    alert = run.line(AlertRaised)
    require_equal(alert.cause, run.line(OrderCanceled).version, "what it is raised for")
    said = alert.event.reason
    require_equal(said.numbers, {"left": Decimal("0.014"), "size": Decimal("0.02")}, "how much of how much")
    require_equal(said.text, REASON, "why")


SCENARIO = Scenario(
    id="B14",
    name="margin_limited_fill",
    section="broker",
    story="fills 30 %, exchange cancels the rest for margin",
    trading=canary(
        scripted("puppet", f"{BTC} 10 buy"), sizing={"notional": Decimal(1000)}, orders={"entry_type": "post_only"}
    ),
    exchange=thin("300"),
    market=market(prices(BTC, {0: 50_000, 20: 50_000, 25: 49_985, 30: 50_000, 60: 50_000})),
    acts=(At(26, VenueCancels(1, REASON)),),
    verifies=(
        thirty_percent_are_held_and_no_more,
        the_venues_reason_stays_with_the_order,
        a_person_is_told_how_much_did_not_fill_and_why,
        people_are_told("alert"),
        orders_are_as_reported("reason kept"),
        money_adds_up("position is what filled"),
    ),
)
