"""T14: the venue liquidates."""

from decimal import Decimal

from perptape.core.events import (
    AlertRaised,
    ModeChanged,
    OrderFilled,
    OrderRequested,
    PositionLiquidated,
    ReconciliationCompleted,
    ReconciliationRequested,
    SignalGenerated,
)
from perptape.core.events.reason import Reason
from perptape.replays.oracle import mode_follows, money_adds_up, people_are_told, reports_are_compared
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    canary,
    funded,
    long,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)

PHRASE = "detected, state follows, trading halts, alert raised"


@verifies(PHRASE)
def the_liquidation_is_on_the_tape_with_size_price_and_fee(run: Run) -> None:
    closed = run.one(PositionLiquidated)
    require_equal((closed.symbol, closed.side, closed.size), (BTC, "sell", Decimal("0.05")), "what was closed")
    require_equal(closed.price, Decimal("46995.3"), "at the bid around 47,000")
    require_equal(closed.fee, Decimal("1.1748825"), "0.0005 × 0.05 × 46,995.3")
    before = run.state_at(49).account.equity
    require(0 < before < Decimal("0.03") * Decimal("0.05") * 47_500 * 2, f"equity before it was {before:f}")


@verifies(PHRASE)
def the_account_is_asked_for_in_its_turn_and_the_state_follows(run: Run) -> None:
    line = run.line(PositionLiquidated)
    asked = run.line(ReconciliationRequested, request_id="reconciliation-2")
    require_equal(asked.cause, line.version, "what asked for the account")
    require_equal(run.state_after(line.version - 1).positions[BTC].size, Decimal("0.05"), "held before")
    after = run.state_after(run.line(ReconciliationCompleted, request_id="reconciliation-2").version)
    require_equal(after.positions, {}, "held once the account is known")
    require_equal(after.results[BTC].realised, Decimal("-650.235"), "0.05 × (46,995.3 − 60,000)")
    require_equal(after.account.cash, Decimal("48.5901175"), "700 − 650.235 − 1.1748825")


@verifies(PHRASE)
def its_fill_counts_once_although_it_is_told_twice(run: Run) -> None:
    require_equal(run.one(OrderFilled).fill_id, "sim-fill-1", "the fill that the feed brings after the report")
    require_equal(run.state.account.total.fills, 1, "fills")
    require_equal(run.state.account.cash, Decimal("48.5901175"), "cash at the end")
    run.agrees_with_venue()


@verifies(PHRASE)
def trading_halts_in_the_turn_of_the_liquidation(run: Run) -> None:
    halted = run.line(ModeChanged, mode="halted")
    require_equal((halted.event.cause, halted.cause), ("liquidation", run.line(PositionLiquidated).version), "the halt")
    require_equal(run.state.mode, "halted", "mode at the end")
    require_equal(run.second(run.line(SignalGenerated, symbol=ETH).at_ns), 80, "when a strategy wants something")
    run.none(OrderRequested)


@verifies(PHRASE)
def a_person_is_told_at_once_what_was_lost(run: Run) -> None:
    alert = run.line(AlertRaised, severity="critical")
    require_equal(alert.cause, run.line(PositionLiquidated).version, "what it is raised for")
    require_equal((alert.event.topic, alert.event.subject), ("halted", "liquidation"), "what it is about")
    lost = {"size": Decimal("0.05"), "price": Decimal("46995.3")}
    require_equal(alert.event.reason, Reason("liquidated", lost, {"symbol": BTC}), "what was lost")


SCENARIO = Scenario(
    id="T14",
    name="liquidation",
    section="trading",
    story="margin falls through maintenance → exchange liquidates",
    trading=canary(scripted("puppet", f"{ETH} 80 buy"), guards={"daily_loss_limit": None, "drawdown_limit": None}),
    exchange=funded(cash=Decimal(700), hold=Decimal(0), positions=(long(BTC, "0.05", "60000"),)),
    market=market(prices(BTC, {0: 50_000, 20: 50_000, 60: 46_000, 120: 46_000}), prices(ETH, {0: 3_000, 120: 3_000})),
    verifies=(
        the_liquidation_is_on_the_tape_with_size_price_and_fee,
        the_account_is_asked_for_in_its_turn_and_the_state_follows,
        its_fill_counts_once_although_it_is_told_twice,
        trading_halts_in_the_turn_of_the_liquidation,
        a_person_is_told_at_once_what_was_lost,
        money_adds_up(PHRASE),
        people_are_told(PHRASE),
        reports_are_compared(PHRASE),
        mode_follows(PHRASE),
    ),
)
