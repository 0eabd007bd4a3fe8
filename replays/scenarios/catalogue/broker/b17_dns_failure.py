"""B17: the venue's name does not resolve."""

from perptape.core.events import (
    AlertRaised,
    CancelOutcomeUnknown,
    ConnectionLost,
    ConnectionRestored,
    GuardTripped,
    OrderRequested,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReconnectRequested,
    SignalGenerated,
)
from perptape.replays.oracle import (
    conditions_are_as_told,
    limits_trip,
    people_are_told,
    reports_are_compared,
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

REASON = "name resolution failed: Name or service not known"
DOWN_S, UP_S, BACK_S = 32, 60, 63
CHANNELS = {"market", "private", "rest"}


@verifies("same path as a partition")
def every_channel_is_lost_and_connected_again_with_the_same_waits(run: Run) -> None:
    for channel in sorted(CHANNELS):
        tries = [run.second(line.at_ns) for line in run.lines(ReconnectRequested, channel=channel)]
        require_equal(tries, [33, 35, 39, 47, 63], f"attempts to connect {channel}")
    wanted = run.lines(SignalGenerated, strategy="eager", since=DOWN_S, until=BACK_S)
    require_equal(wanted, [], "what a strategy says without a price that counts")


@verifies("same path as a partition")
def a_cancel_that_cannot_be_sent_is_of_unknown_outcome_and_the_order_counts(run: Run) -> None:
    line = run.first(CancelOutcomeUnknown)
    require_equal((line.event.reason, run.second(line.at_ns)), (REASON, DOWN_S), "what became of the cancel")
    require_equal([order.status for order in run.state_at(UP_S - 1).orders.values()], ["open"], "orders meanwhile")
    sent = [call for call in run.called("submit") if DOWN_S <= run.second(call.at_ns) < BACK_S]
    require_equal(sent, [], "orders sent meanwhile")
    asked = [run.second(call.at_ns) for call in run.called("cancel")]
    require_equal(asked, [DOWN_S, BACK_S], "when the cancel is asked for: once, and again once there is a connection")


@verifies("degraded state visible")
def the_state_names_what_is_down_since_when_and_people_are_told_why(run: Run) -> None:
    state = run.state_at(UP_S - 1)
    require_equal(set(state.lost_channels), CHANNELS, "channels that are down")
    require_equal({run.second(state.outages[channel].lost_at_ns) for channel in CHANNELS}, {DOWN_S}, "since when")
    require("staleness:BTC-PERP" in state.tripped, f"prices are trusted: {list(state.tripped)}")
    raised = run.all(AlertRaised, topic="connection_lost")
    require_equal([alert.reason.text for alert in raised], [REASON] * 3, "what people are told, once for each channel")
    require_equal(len(run.all(GuardTripped, guard="staleness")), 2, "symbols whose prices are doubted")


@verifies("recovers")
def once_it_resolves_the_account_is_compared_and_trading_goes_on(run: Run) -> None:
    back = [run.second(line.at_ns) for line in run.lines(ConnectionRestored)]
    require_equal(back, [BACK_S] * 3, "when the channels are back")
    last = run.last(ConnectionRestored)
    require_equal(run.first(ReconciliationRequested, since=1).cause, last.version, "what asks for the account")
    entry = run.last(OrderRequested)
    require(run.first(ReconciliationCompleted, since=1).version < entry.version, "an order left before")
    require_equal((entry.event.symbol, run.second(entry.at_ns)), (ETH, 100), "the entry afterwards")
    require_equal((run.state.lost_channels, run.state.tripped), ([], {}), "what is left of it at the end")
    require(len(run.lines(ConnectionLost)) > 3, "the attempts that failed are not on the tape")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="B17",
    name="dns_failure",
    section="broker",
    story="name does not resolve",
    trading=canary(
        scripted("maker", f"{BTC} 10 buy", symbols=(BTC,)),
        scripted("eager", f"{ETH} 31..62 buy; {ETH} 90 buy", symbols=(ETH,), trigger="cycle"),
        cycle_s=10,
        orders={"entry_type": "post_only"},
    ),
    exchange=funded(),
    network=NetworkSettings(outages=(ChannelOutage(("market", "private", "rest"), DOWN_S, UP_S, REASON),)),
    market=market(prices(BTC, {0: 50_000, 120: 50_000}), prices(ETH, {0: 3_000, 120: 3_000})),
    verifies=(
        every_channel_is_lost_and_connected_again_with_the_same_waits,
        a_cancel_that_cannot_be_sent_is_of_unknown_outcome_and_the_order_counts,
        the_state_names_what_is_down_since_when_and_people_are_told_why,
        once_it_resolves_the_account_is_compared_and_trading_goes_on,
        waits_are_as_set("same path as a partition"),
        conditions_are_as_told("degraded state visible"),
        people_are_told("degraded state visible"),
        reports_are_compared("recovers"),
        limits_trip("same path as a partition"),
    ),
)
