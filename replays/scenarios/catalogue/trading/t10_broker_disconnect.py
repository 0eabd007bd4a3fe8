"""T10: the connection is lost."""

from decimal import Decimal

from perptape.core.events import (
    ConnectionLost,
    ConnectionRestored,
    DriftDetected,
    OrderBlocked,
    OrderFilled,
    OrderRequested,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReconnectRequested,
    TimerFired,
)
from perptape.replays.oracle import conditions_are_as_told, mode_follows, reports_are_compared, waits_are_as_set
from perptape.replays.scenarios import (
    BTC,
    ETH,
    ChannelOutage,
    NetworkSettings,
    Run,
    Scenario,
    canary,
    market,
    prices,
    profitable,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)

LOST_S, UNTIL_S, BACK_S = 30, 50, 61


@verifies("state kept")
def what_is_held_and_wanted_is_known_all_the_time(run: Run) -> None:
    before, blind = run.state_at(LOST_S - 1), run.state_at(UNTIL_S - 1)
    require_equal(blind.positions[BTC].size, Decimal("0.02"), "position while blind")
    require_equal(blind.account.cash, before.account.cash, "cash while blind")
    require_equal(list(blind.orders), list(before.orders), "working orders while blind")
    require_equal([order.status for order in blind.orders.values()], ["open"], "their status")
    memory = run.state_at(LOST_S - 1).markets[ETH].sleeves[0].memory
    require(blind.markets[ETH].sleeves[0].memory.heard_at_ns >= memory.heard_at_ns, "the strategy's memory went back")


@verifies("state kept")
def it_tries_to_connect_again_with_growing_waits(run: Run) -> None:
    tries = run.lines(ReconnectRequested)
    require_equal([run.second(line.at_ns) for line in tries], [31, 33, 37, 45, 61], "waits of 1, 2, 4, 8 and 16 s")
    require_equal([line.event.attempt for line in tries], [1, 2, 3, 4, 5], "attempts")
    for line in tries:
        require(isinstance(run.events[(line.cause or 0) - 1].event, TimerFired), "a try has no timer behind it")
    require_equal(run.second(run.line(ConnectionRestored).at_ns), BACK_S, "when the last one succeeds")


@verifies("no orders while blind")
def what_strategies_want_is_blocked_and_nothing_reaches_the_venue(run: Run) -> None:
    blocked = run.lines(OrderBlocked)
    require_equal([run.second(line.at_ns) for line in blocked], [40], "when an entry is blocked")
    require_equal((blocked[0].event.guard, blocked[0].event.symbol), ("connection", BTC), "who blocks what")
    require_equal(blocked[0].event.reason.names, {"channels": "private"}, "the reason")
    sent = [run.second(call.at_ns) for call in run.called("submit")]
    require_equal([second for second in sent if LOST_S <= second <= BACK_S], [], "orders sent while blind")
    require_equal(run.second(run.first(ConnectionLost).at_ns), LOST_S, "when it was lost")


@verifies("positions and orders reconciled before trading resumes")
def the_account_is_compared_in_the_turn_of_the_return_and_an_order_leaves_only_afterwards(run: Run) -> None:
    back = run.line(ConnectionRestored)
    asked = run.first(ReconciliationRequested, since=LOST_S)
    require_equal(asked.cause, back.version, "what asked for the account")
    done = run.first(ReconciliationCompleted, since=LOST_S)
    resumed = run.first(OrderRequested, since=LOST_S)
    require(done.version < resumed.version, "an order was requested before the comparison")
    require_equal((resumed.event.symbol, run.second(resumed.at_ns)), (BTC, 70), "the first order afterwards")


@verifies("positions and orders reconciled before trading resumes")
def a_fill_that_happened_meanwhile_is_known_by_asking(run: Run) -> None:
    filled = next(order for order in run.venue.orders.values() if order.request.intent == 1)
    require(LOST_S < run.second(filled.fills[0].venue_at_ns) < UNTIL_S, "the venue did not fill it meanwhile")
    require_equal(run.lines(OrderFilled, since=LOST_S, until=BACK_S), [], "fills told meanwhile")
    require_equal(run.state_at(BACK_S).positions[ETH].size, Decimal("0.166"), "held once connected again")
    require_equal(run.state_at(BACK_S).orders, {}, "working orders then")
    require_equal(run.lines(DriftDetected, since=1), [], "differences that the report's own fill did not explain")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="T10",
    name="broker_disconnect",
    section="trading",
    story="connection lost → reconnect with backoff → trading resumes",
    trading=canary(
        scripted("maker", f"{ETH} 10 buy", symbols=(ETH,)),
        scripted("taker", f"{BTC} 40 buy; {BTC} 70 buy", symbols=(BTC,)),
        orders={"entry_type": "post_only"},
    ),
    exchange=with_positions(profitable(BTC)),
    network=NetworkSettings(outages=(ChannelOutage(("private",), LOST_S, UNTIL_S),)),
    market=market(
        prices(BTC, {0: 50_000, 100: 50_000}),
        prices(ETH, {0: 3_000, 35: 3_000, 40: 2_990, 100: 2_990}),
    ),
    verifies=(
        what_is_held_and_wanted_is_known_all_the_time,
        it_tries_to_connect_again_with_growing_waits,
        what_strategies_want_is_blocked_and_nothing_reaches_the_venue,
        the_account_is_compared_in_the_turn_of_the_return_and_an_order_leaves_only_afterwards,
        a_fill_that_happened_meanwhile_is_known_by_asking,
        conditions_are_as_told("state kept"),
        reports_are_compared("positions and orders reconciled before trading resumes"),
        waits_are_as_set("state kept"),
        mode_follows("no orders while blind"),
    ),
)
