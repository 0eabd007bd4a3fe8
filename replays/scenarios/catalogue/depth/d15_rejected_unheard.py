"""D15: the venue takes an order back, and the message that says so is lost."""

from decimal import Decimal

from perptape.core.events import OrderBlocked, OrderLookedUp, OrderRejected, OrderRequested, StreamGapDetected
from perptape.core.events.reason import venue_says
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    FaultRule,
    FrameFault,
    NetworkSettings,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require_equal,
    scripted,
    verifies,
)

HEARD_S = Decimal("35.25")
"""The order is rejected at 30 s; that a frame is missing shows with the next one, and is believed a moment later."""
PHRASE = "a rejection that only a lookup tells of is one like any other"


@verifies(PHRASE)
def the_lookup_after_the_gap_finds_it_rejected(run: Run) -> None:
    gap, found = run.line(StreamGapDetected), run.line(OrderLookedUp)
    require_equal((run.second(gap.at_ns), run.second(found.at_ns)), (HEARD_S, HEARD_S), "the gap, and the answer")
    require_equal((found.event.status, found.event.reason[:11]), ("rejected", "WOULD_CROSS"), "what the venue says")
    run.none(OrderRejected)
    require_equal((run.order(1).status, run.order(1).note), ("rejected", venue_says(found.event.reason)), "the order")


@verifies(PHRASE)
def its_strategy_is_told_and_waits_before_it_tries_again(run: Run) -> None:
    [sleeve] = run.state_at(36).markets[BTC].sleeves
    said = run.line(OrderLookedUp).event.reason
    require_equal((sleeve.refusal, run.second(sleeve.refused_at_ns)), (said, HEARD_S), "what it is told")
    held_back = run.one(OrderBlocked)
    expected = "refusal_cooldown", 40 - HEARD_S, 60
    require_equal((held_back.guard, held_back.measured, held_back.limit), expected, "the next try, at 40 s")
    require_equal(run.second(run.last(OrderRequested).at_ns), 100, "when it may")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="D15",
    name="rejected_unheard",
    section="depth",
    story="taken back by the venue, and the message is lost → looked up, told, held back",
    trading=canary(
        scripted("puppet", f"{BTC} 30 buy; {BTC} 40 buy; {BTC} 100 buy"),
        orders={"entry_type": "post_only"},
    ),
    exchange=funded(faults=(FaultRule("submit", "accept_then_reject", code="WOULD_CROSS"),)),
    network=NetworkSettings(frames=(FrameFault("private", "drop", nth=1),)),
    market=market(prices(BTC, {0: 50_000, 120: 50_000})),
    verifies=(
        the_lookup_after_the_gap_finds_it_rejected,
        its_strategy_is_told_and_waits_before_it_tries_again,
        *everything(PHRASE),
    ),
)
