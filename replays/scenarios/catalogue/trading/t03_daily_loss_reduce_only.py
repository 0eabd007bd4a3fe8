"""T03: losses pass the limit of the day."""

from decimal import Decimal

from perptape.core.durations import SECOND_NS
from perptape.core.events import FundingPaid, GuardCleared, GuardTripped, ModeChanged, OrderBlocked, OrderRequested
from perptape.replays.oracle import (
    conditions_are_as_told,
    limits_trip,
    mode_follows,
    money_adds_up,
    orders_are_measured,
)
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Restart,
    Run,
    Scenario,
    canary,
    funded,
    funding,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)
from perptape.replays.scenarios.language.scenario import START_NS

MIDNIGHT_S = 300
LIMIT = Decimal(8)


@verifies("realised PnL and fees and funding accumulate over the UTC day")
def the_days_sums_are_those_of_its_trades_and_payments(run: Run) -> None:
    day = run.state_at(119).account.day
    require_equal(day.realised, Decimal("-5.1"), "0.01 × (49,495.0 − 50,005.0)")
    require_equal(day.funding, Decimal("-0.498"), "0.001 × 0.166 × 3,000, paid by the long")
    paid = Decimal("0.25002500") + Decimal("0.24902490") + Decimal("0.24747500")
    require_equal(day.fees, paid, "fees of two entries and an exit")
    require_equal(run.one(FundingPaid).amount, Decimal("-0.498"), "the payment")


@verifies("guard trips once")
def it_trips_once_when_realised_unrealised_fees_and_funding_reach_the_limit(run: Run) -> None:
    tripped = run.line(GuardTripped, guard="daily_loss")
    require_equal((tripped.event.limit, tripped.event.mode), (LIMIT, "reduce_only"), "limit and mode")
    require(LIMIT <= tripped.event.measured < 10, f"it measured {tripped.event.measured:f}")
    before = run.state_after(tripped.version - 2).account
    require(before.day_start_equity - before.equity < LIMIT, "it could have tripped before")
    require_equal(run.one(ModeChanged, mode="reduce_only").cause, "daily_loss", "why the mode changed")


@verifies("increasing orders blocked with the numbers in the reason")
def an_entry_is_blocked_and_says_how_much_was_lost_of_how_much(run: Run) -> None:
    for blocked in run.all(OrderBlocked):
        require_equal((blocked.side, blocked.symbol), ("buy", BTC), "what is blocked")
        because = blocked.reason.because
        require_equal((blocked.guard, blocked.reason.code), ("reduce_only", "reducing_only"), "who blocks it")
        require_equal(because and (because.code, because.numbers["limit"]), ("daily_loss", LIMIT), "why")
    require_equal(
        [run.second(line.at_ns) for line in run.lines(OrderBlocked)], [180, 240], "before and after a restart"
    )


@verifies("reducing orders pass")
def the_losing_position_may_be_closed(run: Run) -> None:
    left = run.line(OrderRequested, symbol=ETH, purpose="exit")
    require_equal(run.second(left.at_ns), 200, "when it leaves")
    require_equal(run.state_at(199).mode, "reduce_only", "mode then")
    require_equal(run.state_at(201).positions, {}, "what is held afterwards")


@verifies("resets at the day's turn")
def at_midnight_it_clears_and_the_new_day_has_lost_nothing(run: Run) -> None:
    cleared = run.line(GuardCleared, guard="daily_loss")
    require_equal(run.second(cleared.at_ns), MIDNIGHT_S, "when it clears")
    fresh = run.state_at(MIDNIGHT_S).account
    require_equal((fresh.day.realised, fresh.day.fees, fresh.day.funding), (0, 0, 0), "sums of the new day")
    require_equal(fresh.day_start_equity, fresh.equity, "what the new day is measured from")
    entry = run.last(OrderRequested, symbol=BTC)
    require_equal((entry.event.purpose, run.second(entry.at_ns)), ("entry", 330), "the entry that passes again")


@verifies("survives a restart")
def the_restarted_bot_is_still_in_reduce_only_and_does_not_trip_again(run: Run) -> None:
    before, after = run.state_at(219), run.state_at(236)
    require_equal((before.session, after.session), (1, 2), "sessions")
    require_equal((after.mode, dict(after.restricted)), ("reduce_only", dict(before.restricted)), "mode and its cause")
    require_equal(after.account.day, before.account.day, "the day's sums")
    require_equal(after.account.day_start_equity, 10_000, "what the day is measured from")


SCENARIO = Scenario(
    id="T03",
    name="daily_loss_reduce_only",
    section="trading",
    story="losses pass the limit → reduce-only → new orders blocked",
    trading=canary(
        scripted("btc", f"{BTC} 10 buy; {BTC} 60 close; {BTC} 180 buy; {BTC} 240 buy; {BTC} 330 buy", symbols=(BTC,)),
        scripted("eth", f"{ETH} 10 buy; {ETH} 200 close", symbols=(ETH,)),
        guards={"daily_loss_limit": LIMIT},
    ),
    exchange=funded(),
    market=market(
        prices(BTC, {0: 50_000, 20: 50_000, 50: 49_500, 360: 49_500}),
        prices(ETH, {0: 3_000, 120: 3_000, 160: 2_980, 360: 2_980}),
        funding(ETH, {100: "0.001"}),
    ),
    acts=(At(220, Restart(away_s=15)),),
    start_ns=START_NS + (16 * 3600 - MIDNIGHT_S) * SECOND_NS,
    verifies=(
        the_days_sums_are_those_of_its_trades_and_payments,
        it_trips_once_when_realised_unrealised_fees_and_funding_reach_the_limit,
        an_entry_is_blocked_and_says_how_much_was_lost_of_how_much,
        the_losing_position_may_be_closed,
        at_midnight_it_clears_and_the_new_day_has_lost_nothing,
        the_restarted_bot_is_still_in_reduce_only_and_does_not_trip_again,
        money_adds_up("realised PnL and fees and funding accumulate over the UTC day"),
        limits_trip("guard trips once"),
        orders_are_measured("increasing orders blocked with the numbers in the reason"),
        mode_follows("guard trips once"),
        conditions_are_as_told("survives a restart"),
    ),
)
