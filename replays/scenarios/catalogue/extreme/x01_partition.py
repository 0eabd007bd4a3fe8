"""X01: REST down and stream up, then the reverse, then both."""

from decimal import Decimal

from perptape.core.events import (
    AccountQueryFailed,
    CancelOutcomeUnknown,
    ConnectionLost,
    ConnectionRestored,
    DriftDetected,
    OrderBlocked,
    OrderCanceled,
    OrderRequested,
    ReconciliationCompleted,
    ReconciliationRequested,
)
from perptape.core.money import ZERO
from perptape.replays.oracle import (
    conditions_are_as_told,
    doubts_are_pursued,
    limits_trip,
    mode_follows,
    orders_are_as_reported,
    reports_are_compared,
    timers_fire_when_due,
    waits_are_as_set,
)
from perptape.replays.scenarios import (
    BTC,
    ETH,
    ChannelOutage,
    NetworkSettings,
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

REST, STREAM, BOTH = (32, 62), (102, 132), (172, 202)
BACK = (63, 133, 203)
"""When the bot is connected again: the attempts come 1, 3, 7, 15 and 31 s after a loss."""


@verifies("entries stop at once")
def no_order_leaves_from_the_loss_until_the_venue_has_been_compared(run: Run) -> None:
    for (since, until), down in zip((REST, STREAM, BOTH), ("rest", "market", "market"), strict=True):
        lost = run.first(ConnectionLost, channel=down, since=since, until=until)
        require_equal(run.second(lost.at_ns), since, "when the bot knows")
        compared = run.first(ReconciliationCompleted, since=until)
        sent = [line for line in run.lines(OrderRequested) if lost.version < line.version < compared.version]
        require_equal(sent, [], f"orders requested between second {since} and the comparison")
        require_equal(
            [call for call in run.called("submit") if lost.at_ns <= call.at_ns < compared.at_ns], [], "orders sent"
        )


@verifies("entries stop at once")
def every_entry_that_is_wanted_meanwhile_is_blocked_by_the_connection(run: Run) -> None:
    outages = (
        (REST, "rest", 3),
        (STREAM, "market private", 1),
        (BOTH, "market private rest", 1),
    )
    for (since, until), down, times in outages:
        blocked = run.lines(OrderBlocked, symbol=ETH, since=since, until=until)
        require_equal({line.event.guard for line in blocked}, {"connection"}, f"who blocks after second {since}")
        require_equal(len(blocked), times, "entries blocked, one a cycle while there are prices and one after them")
        require_equal({line.event.reason.names["channels"] for line in blocked}, {down}, "the reason")


@verifies("nothing assumed")
def an_order_counts_until_the_venue_says_that_it_is_gone(run: Run) -> None:
    canceled = [call for call in run.called("cancel", 1) if run.at(STREAM[0]) <= call.at_ns < run.at(STREAM[1])]
    require_equal(len(canceled), 1, "cancels of the first order, which REST takes")
    key = canceled[0].key
    require_equal(run.lines(OrderCanceled, client_order_id=key), [], "ends that the feed told")
    require_equal(run.state_at(STREAM[1]).orders[key].status, "open", "the order while the stream is down")
    require_equal(run.order(1).status, "canceled", "the order at the end")


@verifies("nothing assumed")
def a_fill_that_nobody_heard_of_changes_nothing_before_it_is_told(run: Run) -> None:
    filled = next(order for order in run.venue.orders.values() if order.request.intent == 2)
    at_venue_s = run.second(filled.fills[0].venue_at_ns)
    require(BOTH[0] < at_venue_s < BOTH[1], f"the venue filled the order at second {at_venue_s:f}")
    before = run.state_at(BOTH[1] - 1)
    require_equal(before.positions, {}, "positions before REST can be reached")
    require_equal([order.status for order in before.orders.values()], ["open"], "orders then")
    require(run.lines(CancelOutcomeUnknown, since=BOTH[0], until=BOTH[1]), "the cancels without an answer are not told")
    require_equal(run.order(2).status, "filled", "the order at the end")
    require_equal(run.position(BTC), Decimal("0.0100"), "the position at the end")


@verifies("recovers by reconciling")
def the_account_is_asked_for_in_the_turn_that_restores_the_last_channel(run: Run) -> None:
    for (_, until), back in zip((REST, STREAM, BOTH), BACK, strict=True):
        restored = run.last(ConnectionRestored, since=until, until=until + 20)
        require_equal(run.second(restored.at_ns), back, "when the last channel is back")
        asked = run.first(ReconciliationRequested, since=until)
        require_equal(asked.cause, restored.version, "what asked for the account")
        require_equal(run.state_after(asked.version - 1).lost_channels, [], "channels down when it is asked")
        first = next(call for call in run.calls if call.at_ns >= restored.at_ns and call.kind != "reconnect")
        require_equal((first.kind, first.at_ns), ("report_account", restored.at_ns), "the first question afterwards")
    run.none(AccountQueryFailed)


@verifies("recovers by reconciling")
def afterwards_both_sides_agree_and_entries_go_on(run: Run) -> None:
    run.agrees_with_venue()
    entry = run.one(OrderRequested, symbol=ETH)
    require_equal((entry.side, run.order(entry.intent).status), ("buy", "open"), "the entry after the last outage")
    require_equal(run.state.lost_channels, [], "channels down at the end")
    require_equal(run.state.mode, "normal", "mode")
    require_equal(run.lines(DriftDetected, since=1), [], "what the report's own fills did not explain")
    require(run.state_at(310).positions[BTC].size > ZERO, "the missed fill is not held when entries go on")


SCENARIO = Scenario(
    id="X01",
    name="partition",
    section="extreme",
    story="REST down and stream up, then the reverse, then both",
    trading=canary(
        scripted("maker", f"{BTC} 80 buy; {BTC} 150 buy", symbols=(BTC,)),
        scripted(
            "eager",
            f"{ETH} 31..59 buy; {ETH} 100..101 buy; {ETH} 170..171 buy; {ETH} 310 buy",
            symbols=(ETH,),
            trigger="cycle",
        ),
        cycle_s=10,
        orders={"entry_type": "post_only"},
    ),
    exchange=funded(),
    network=NetworkSettings(
        outages=(
            ChannelOutage(("rest",), *REST),
            ChannelOutage(("market", "private"), *STREAM),
            ChannelOutage(("market", "private", "rest"), *BOTH),
        )
    ),
    market=market(
        prices(BTC, {0: 50_000, 175: 50_000, 180: 49_900, 340: 49_900}),
        prices(ETH, {0: 3_000, 340: 3_000}),
    ),
    verifies=(
        no_order_leaves_from_the_loss_until_the_venue_has_been_compared,
        every_entry_that_is_wanted_meanwhile_is_blocked_by_the_connection,
        an_order_counts_until_the_venue_says_that_it_is_gone,
        a_fill_that_nobody_heard_of_changes_nothing_before_it_is_told,
        the_account_is_asked_for_in_the_turn_that_restores_the_last_channel,
        afterwards_both_sides_agree_and_entries_go_on,
        reports_are_compared("recovers by reconciling"),
        doubts_are_pursued("nothing assumed"),
        conditions_are_as_told("nothing assumed"),
        limits_trip("entries stop at once"),
        waits_are_as_set("recovers by reconciling"),
        timers_fire_when_due("recovers by reconciling"),
        mode_follows("entries stop at once"),
        orders_are_as_reported("nothing assumed"),
    ),
)
