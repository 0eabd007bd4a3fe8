"""C01: the venue halts a product."""

from typing import Literal

from perptape.core.events import CancelRequested, OrderBlocked, OrderCanceled, OrderRequested, TradingStatusChanged
from perptape.core.settings import TradingSettings
from perptape.replays.oracle import doubts_are_pursued, mode_follows, orders_are_measured
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Restart,
    Run,
    Scenario,
    VenueStatus,
    canary,
    funded,
    market,
    prices,
    require_equal,
    scripted,
    verifies,
)

PHRASE = "orders cancelled or kept as configured, none placed, resumes on reopening"
PLAN = f"{BTC} 10 buy; {BTC} 40 buy; {BTC} 80 buy; {BTC} 150 buy; {ETH} 45 buy"


@verifies(PHRASE)
def with_cancel_the_symbols_order_is_taken_back_and_no_other(run: Run) -> None:
    halted = run.first(TradingStatusChanged, status="halted")
    asked = run.line(CancelRequested, since=30, until=60)
    require_equal(asked.cause, halted.version, "what takes it back")
    require_equal(asked.event.client_order_id, run.order(1).client_order_id, "what is taken back")
    require_equal(asked.event.reason.names, {"symbol": "BTC-PERP", "status": "halted"}, "the reason")
    require_equal(run.order(1).status, "canceled", "its status")


@verifies(PHRASE)
def with_keep_the_order_rests_through_the_halt(run: Run) -> None:
    require_equal(run.lines(CancelRequested, since=100, until=140), [], "cancels in the second halt")
    require_equal(run.lines(OrderCanceled, since=100, until=140), [], "orders that ended in it")
    kept = run.state_at(130).orders[run.order(3).client_order_id]
    require_equal((kept.symbol, kept.status), (BTC, "open"), "the order in the second halt")


@verifies(PHRASE)
def nothing_is_placed_in_a_halted_symbol_and_others_trade_on(run: Run) -> None:
    blocked = run.line(OrderBlocked)
    require_equal((blocked.event.guard, blocked.event.symbol), ("trading_halt", BTC), "who blocks what")
    require_equal(run.second(blocked.at_ns), 40, "when")
    in_halts = [line for line in run.lines(OrderRequested, symbol=BTC) if 30 <= run.second(line.at_ns) < 60]
    require_equal(in_halts, [], "orders in the halted symbol")
    require_equal(run.second(run.line(OrderRequested, symbol=ETH).at_ns), 45, "the other symbol's order")


@verifies(PHRASE)
def after_the_reopening_the_next_entry_passes(run: Run) -> None:
    entries = [run.second(line.at_ns) for line in run.lines(OrderRequested, symbol=BTC)]
    require_equal(entries, [10, 80], "orders in the symbol")
    require_equal(run.state.markets[BTC].status, "open", "status at the end")
    run.agrees_with_venue()


def settings(on_trading_halt: Literal["cancel", "keep"]) -> TradingSettings:
    """Post-only entries, and what becomes of them in a halt."""
    return canary(scripted("puppet", PLAN), orders={"entry_type": "post_only", "on_trading_halt": on_trading_halt})


SCENARIO = Scenario(
    id="C01",
    name="trading_halt",
    section="compliance",
    story="venue halts a product",
    trading=settings("cancel"),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 180: 50_000}), prices(ETH, {0: 3_000, 180: 3_000})),
    acts=(
        At(30, VenueStatus(BTC, "halted", "volatility auction")),
        At(60, VenueStatus(BTC, "open", "auction over")),
        At(70, Restart(trading=settings("keep"))),
        At(100, VenueStatus(BTC, "halted", "volatility auction")),
        At(140, VenueStatus(BTC, "open", "auction over")),
    ),
    verifies=(
        with_cancel_the_symbols_order_is_taken_back_and_no_other,
        with_keep_the_order_rests_through_the_halt,
        nothing_is_placed_in_a_halted_symbol_and_others_trade_on,
        after_the_reopening_the_next_entry_passes,
        mode_follows(PHRASE),
        orders_are_measured(PHRASE),
        doubts_are_pursued(PHRASE),
    ),
)
