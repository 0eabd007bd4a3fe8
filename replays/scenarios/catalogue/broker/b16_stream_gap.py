"""B16: frames are lost, doubled and late."""

from decimal import Decimal

from perptape.core.events import (
    GuardCleared,
    GuardTripped,
    OrderFilled,
    ReconciliationCompleted,
    ReconciliationRequested,
    StreamGapDetected,
)
from perptape.core.events.reason import Reason
from perptape.replays.oracle import (
    conditions_are_as_told,
    limits_trip,
    markets_are_as_heard,
    money_adds_up,
    reports_are_compared,
)
from perptape.replays.scenarios import (
    BTC,
    FrameFault,
    NetworkSettings,
    Run,
    Scenario,
    canary,
    market,
    prices,
    require,
    require_equal,
    scripted,
    thin,
    verifies,
)


@verifies("gap → stale → REST resync")
def the_gap_is_told_with_its_numbers_and_prices_are_doubted(run: Run) -> None:
    gap = run.first(StreamGapDetected)
    require_equal((gap.event.expected_seq, gap.event.received_seq), (11, 12), "what was expected, and what came")
    stale = run.first(GuardTripped)
    require_equal((stale.event.guard, stale.event.symbol, stale.cause), ("staleness", BTC, gap.version), "what trips")
    told = {"expected": Decimal(11), "received": Decimal(12)}
    require_equal(stale.event.reason, Reason("feed_gap", told, {"channel": gap.event.channel}), "the reason")


@verifies("gap → stale → REST resync")
def the_account_is_asked_for_in_the_turn_of_the_gap(run: Run) -> None:
    gap = run.first(StreamGapDetected)
    asked = run.first(ReconciliationRequested, since=1)
    require_equal(asked.cause, gap.version, "what asked for the account")
    done = run.first(ReconciliationCompleted, since=1)
    require_equal(done.event.request_id, asked.event.request_id, "what is completed")


@verifies("gap → stale → REST resync")
def a_lost_fill_is_known_by_asking_and_the_next_price_ends_the_doubt(run: Run) -> None:
    require_equal(len(run.venue.fills), 5, "fills at the venue")
    heard = {fill.fill_id for fill in run.all(OrderFilled)}
    require(len(heard) < 5, "no fill was lost on the way")
    require_equal(run.order(1).status, "filled", "the order in the end")
    require_equal(run.state.tripped, {}, "guards tripped at the end")
    require(run.lines(GuardCleared, guard="staleness"), "nothing cleared")
    run.agrees_with_venue()


@verifies("duplicates change nothing")
def a_frame_that_comes_twice_is_told_and_counted_once(run: Run) -> None:
    fills = [fill.fill_id for fill in run.all(OrderFilled)]
    require_equal(fills, ["sim-fill-1", "sim-fill-3", "sim-fill-4", "sim-fill-5"], "fills, of which two came twice")
    require_equal(run.state.account.total.fills, 5, "fills counted")
    require_equal(
        (run.position(BTC), run.order(1).filled_size), (Decimal("0.02"), Decimal("0.02")), "position and order"
    )


@verifies("duplicates change nothing")
def a_late_frame_holds_back_those_behind_it_and_keeps_the_order(run: Run) -> None:
    numbers = [line.event.seq for line in run.events if getattr(line.event, "seq", 0)]
    require_equal(numbers, sorted(set(numbers)), "numbers of the feed's messages on the tape")
    late = run.line(OrderFilled, fill_id="sim-fill-4")
    require_equal(run.second(late.at_ns), 43, "when the frame of second 40 comes")


SCENARIO = Scenario(
    id="B16",
    name="stream_gap",
    section="broker",
    story="sequence gap, duplicate and late frames",
    trading=canary(
        scripted("puppet", f"{BTC} 10 buy"),
        sizing={"notional": Decimal(1000)},
        orders={"entry_type": "post_only"},
    ),
    exchange=thin("200"),
    network=NetworkSettings(
        frames=(
            FrameFault("private", "twice", nth=1, delay_ms=2_000),
            FrameFault("private", "twice", nth=5, delay_ms=2_000),
            FrameFault("private", "drop", nth=2),
            FrameFault("market", "drop", nth=12),
            FrameFault("private", "late", nth=4, delay_ms=3_000),
        ),
        hold_ms=4_000,
    ),
    market=market(prices(BTC, {0: 50_000, 20: 50_000, 25: 49_985, 90: 49_985})),
    verifies=(
        the_gap_is_told_with_its_numbers_and_prices_are_doubted,
        the_account_is_asked_for_in_the_turn_of_the_gap,
        a_lost_fill_is_known_by_asking_and_the_next_price_ends_the_doubt,
        a_frame_that_comes_twice_is_told_and_counted_once,
        a_late_frame_holds_back_those_behind_it_and_keeps_the_order,
        reports_are_compared("gap → stale → REST resync"),
        conditions_are_as_told("duplicates change nothing"),
        markets_are_as_heard("duplicates change nothing"),
        money_adds_up("duplicates change nothing"),
        limits_trip("gap → stale → REST resync"),
    ),
)
