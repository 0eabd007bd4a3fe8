"""B06: the account may not trade a future."""

from decimal import Decimal

from msgspec.structs import replace

from perptape.core.edge.simulation.exchange.listing import BTC_PERP, ETH_PERP
from perptape.core.events import GuardTripped, OrderBlocked, OrderRequested, OrderSubmissionFailed, SignalGenerated
from perptape.replays.oracle import limits_trip, people_are_told, signals_are_pursued
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    refused,
    require,
    require_equal,
    scripted,
    verifies,
)

SPOT = "BTC-USD"


@verifies("recorded")
def the_refusal_is_kept_with_the_venues_word(run: Run) -> None:
    codes = [(line.event.code, run.second(line.at_ns)) for line in run.lines(OrderSubmissionFailed)]
    require_equal(codes, [("FUTURES_NOT_PERMITTED", 10), ("FUTURES_NOT_PERMITTED", 40)], "refusals")
    note = run.order(1).note
    require_equal(note and note.names, {"code": "FUTURES_NOT_PERMITTED"}, "what the order says")
    require_equal([trip.symbol for trip in run.all(GuardTripped, guard="permission")], [BTC, ETH], "what is tripped")


@verifies("fallback to spot only when configured (off by default), otherwise symbol disabled")
def the_entry_goes_to_the_spot_market_that_the_settings_name(run: Run) -> None:
    spot = run.first(OrderRequested, symbol=SPOT)
    require_equal((spot.event.side, run.second(spot.at_ns)), ("buy", 10), "the order in its place")
    require_equal(spot.cause, run.first(OrderSubmissionFailed).version, "what it answers")
    require_equal(run.state_at(40).positions[SPOT].size, Decimal("0.01"), "what is held of it")


@verifies("fallback to spot only when configured (off by default), otherwise symbol disabled")
def what_was_bought_there_is_sold_when_the_strategy_wants_out_of_the_future(run: Run) -> None:
    out = run.last(OrderRequested, symbol=SPOT)
    require_equal((out.event.side, out.event.purpose, run.second(out.at_ns)), ("sell", "exit", 80), "the way out")
    require(out.event.reduce_only, "it may go short")
    require_equal(run.state.positions, {}, "what is held in the end")


@verifies("fallback to spot only when configured (off by default), otherwise symbol disabled")
def without_a_setting_the_symbol_is_disabled_and_nothing_goes_elsewhere(run: Run) -> None:
    wanted = run.last(SignalGenerated, symbol=ETH)
    require_equal((wanted.event.action, run.second(wanted.at_ns)), ("buy", 110), "the next wish")
    blocked = run.one(OrderBlocked, symbol=ETH)
    require_equal((blocked.guard, blocked.measured, blocked.limit), ("permission", 1, 0), "what holds it back")
    require_equal(len(run.called("submit")), 4, "orders sent")
    require_equal([order.symbol for order in run.all(OrderRequested)], [BTC, SPOT, ETH, SPOT], "orders")
    require_equal(canary().orders.spot_fallback, {}, "what canary falls back to")


@verifies("alert")
def a_person_is_told_once_for_each_symbol_what_is_done_instead(run: Run) -> None:
    [btc] = run.alerts("no_permission", BTC)
    [eth] = run.alerts("no_permission", ETH)
    require_equal((btc.severity, eth.severity), ("critical", "critical"), "severities")
    instead = btc.reason.code, btc.reason.names["spot"], eth.reason.code
    require_equal(instead, ("no_permission_spot", SPOT, "no_permission"), "what is done instead")


SCENARIO = Scenario(
    id="B06",
    name="no_futures_permission",
    section="broker",
    story="403 on a futures order",
    trading=canary(
        scripted("puppet", f"{BTC} 10 buy; {ETH} 40 buy; {BTC} 80 close; {ETH} 110 buy"),
        symbols=(BTC, ETH, SPOT),
        orders={"spot_fallback": {BTC: SPOT}},
    ),
    exchange=funded(
        instruments=(BTC_PERP, ETH_PERP, replace(BTC_PERP, symbol=SPOT)),
        faults=(refused("FUTURES_NOT_PERMITTED", nth=1), refused("FUTURES_NOT_PERMITTED", nth=3)),
    ),
    market=market(
        prices(SPOT, {0: 50_000, 120: 50_000}),
        prices(BTC, {0: 50_000, 120: 50_000}),
        prices(ETH, {0: 3_000, 120: 3_000}),
    ),
    verifies=(
        the_refusal_is_kept_with_the_venues_word,
        the_entry_goes_to_the_spot_market_that_the_settings_name,
        what_was_bought_there_is_sold_when_the_strategy_wants_out_of_the_future,
        without_a_setting_the_symbol_is_disabled_and_nothing_goes_elsewhere,
        a_person_is_told_once_for_each_symbol_what_is_done_instead,
        people_are_told("alert"),
        signals_are_pursued("fallback to spot only when configured (off by default), otherwise symbol disabled"),
        limits_trip("recorded"),
    ),
)
