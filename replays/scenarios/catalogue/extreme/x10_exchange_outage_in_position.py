"""X10: ten minutes blind with a position open."""

from decimal import Decimal

from perptape.core.events import (
    AccountReported,
    ConnectionRestored,
    GuardCleared,
    GuardTripped,
    OrderRequested,
    ReconciliationCompleted,
    ReconciliationRequested,
)
from perptape.replays.oracle import (
    conditions_are_as_told,
    limits_trip,
    people_are_told,
    reports_are_compared,
    timers_fire_when_due,
    waits_are_as_set,
)
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    ChannelOutage,
    NetworkSettings,
    Run,
    Scenario,
    TradeByHand,
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

DOWN_S, UP_S = 60, 660


@verifies("alert")
def each_channel_is_told_once_however_often_it_is_tried_again(run: Run) -> None:
    lost = [alert.subject for alert in run.alerts("connection_lost")]
    require_equal(lost, ["market", "private", "rest"], "channels lost")
    back = [alert.subject for alert in run.alerts("connection_restored")]
    require_equal(back, ["market", "private", "rest"], "channels restored")
    lasted = [alert.reason.numbers["seconds"] for alert in run.alerts("connection_restored")]
    require(min(lasted) >= UP_S - DOWN_S, f"how long they were down is told as {lasted}")


@verifies("staleness")
def every_price_is_doubted_from_the_loss_until_a_fresh_one_comes(run: Run) -> None:
    tripped = run.lines(GuardTripped, guard="staleness")
    require_equal({line.event.symbol for line in tripped}, {BTC, ETH}, "symbols")
    require_equal({run.second(line.at_ns) for line in tripped}, {DOWN_S}, "since when")
    cleared = run.lines(GuardCleared, guard="staleness")
    require_equal({line.event.symbol for line in cleared}, {BTC, ETH}, "symbols that are trusted again")
    require(all(run.second(line.at_ns) > UP_S for line in cleared), "a price was trusted before")
    require_equal(run.lines(OrderRequested, since=DOWN_S, until=UP_S), [], "orders meanwhile")


@verifies("staleness")
def the_position_is_kept_as_it_was_known(run: Run) -> None:
    blind = run.state_at(UP_S - 1)
    require_equal(blind.positions[BTC].size, Decimal("0.02"), "position while blind")
    require_equal(blind.positions[BTC].unrealised, Decimal("40.00"), "valued at the last price, 50,000")


@verifies("first act on return is reconcile")
def the_account_is_the_first_thing_that_is_asked_for(run: Run) -> None:
    back = run.last(ConnectionRestored)
    calls = [call.kind for call in run.calls if call.at_ns >= back.at_ns and call.kind != "reconnect"]
    require_equal(calls[0], "report_account", "the first call")
    asked = run.line(ReconciliationRequested, since=DOWN_S)
    require_equal(asked.cause, back.version, "what asks for it")
    done = run.line(ReconciliationCompleted, since=DOWN_S)
    left = run.first(OrderRequested, since=DOWN_S)
    require(done.version < left.version, "an order left before")


@verifies("first act on return is reconcile")
def what_happened_meanwhile_is_known_before_anything_is_done(run: Run) -> None:
    report = run.first(AccountReported, since=DOWN_S)
    require_equal(
        run.state_after(report.version).positions[BTC].size, Decimal("0.015"), "after 0.005 were sold by hand"
    )
    left = run.first(OrderRequested, since=DOWN_S).event
    require_equal((left.symbol, left.purpose), (ETH, "entry"), "the first order afterwards")
    require_equal(run.state.account.total.fills, 2, "fills")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="X10",
    name="exchange_outage_in_position",
    section="extreme",
    story="ten minutes blind with an open position",
    trading=canary(scripted("puppet", f"{ETH} 100 buy; {ETH} 760 buy", symbols=(ETH,))),
    exchange=with_positions(profitable(BTC)),
    network=NetworkSettings(outages=(ChannelOutage(("market", "private", "rest"), DOWN_S, UP_S, "the venue is down"),)),
    market=market(
        prices(BTC, {0: 50_000, 60: 50_000, 660: 51_000, 800: 51_000}, every_s=20),
        prices(ETH, {0: 3_000, 800: 3_000}, every_s=20),
    ),
    acts=(At(300, TradeByHand(BTC, "sell", Decimal("0.005"))),),
    verifies=(
        each_channel_is_told_once_however_often_it_is_tried_again,
        every_price_is_doubted_from_the_loss_until_a_fresh_one_comes,
        the_position_is_kept_as_it_was_known,
        the_account_is_the_first_thing_that_is_asked_for,
        what_happened_meanwhile_is_known_before_anything_is_done,
        people_are_told("alert"),
        timers_fire_when_due("staleness"),
        reports_are_compared("first act on return is reconcile"),
        limits_trip("staleness"),
        waits_are_as_set("first act on return is reconcile"),
        conditions_are_as_told("alert"),
    ),
)
