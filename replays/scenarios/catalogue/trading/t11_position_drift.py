"""T11: bot and venue differ."""

from decimal import Decimal

from perptape.core.events import (
    AccountReported,
    DriftDetected,
    DriftRepaired,
    OrderFilled,
    PositionReported,
    ReconciliationCompleted,
    ReconciliationRequested,
)
from perptape.core.events.reason import Reason
from perptape.core.evolve import evolve
from perptape.core.exposure import reached_size
from perptape.core.money import arithmetic
from perptape.core.opening import state_digest
from perptape.replays.oracle import money_adds_up, orders_are_as_reported, parts_add_up, reports_are_compared
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Run,
    Scenario,
    VenueSays,
    canary,
    long,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)
from perptape.replays.scenarios.language.scenario import START_NS

GHOST = OrderFilled(
    seq=0,
    fill_id="ghost",
    client_order_id="1",
    venue_order_id="sim-order-1",
    symbol=BTC,
    side="buy",
    price=Decimal(49995),
    size=Decimal("0.002"),
    fee=Decimal("0.02"),
    liquidity="maker",
    venue_at_ns=START_NS + 30_000_000_000,
)
"""A fill that the venue tells of and never made."""
WHOLE = OrderFilled(
    seq=0,
    fill_id="whole",
    client_order_id="2",
    venue_order_id="sim-order-2",
    symbol=ETH,
    side="buy",
    price=Decimal("2999.7"),
    size=Decimal("0.066"),
    fee=Decimal("0.02"),
    liquidity="maker",
    venue_at_ns=START_NS + 31_000_000_000,
)
"""Another one, that fills its order wholly here and not there."""
HINT = PositionReported(seq=0, symbol=BTC, size=Decimal("0.03"), entry_price=Decimal(48_000))


@verifies("drift recorded as an event with both sides and evidence")
def position_and_cash_are_told_as_they_are_here_and_there(run: Run) -> None:
    position = run.one(DriftDetected, subject="position", key=BTC, ours=Decimal("0.032"))
    require_equal((position.ours, position.theirs), (Decimal("0.032"), Decimal("0.03")), "sizes here and there")
    report = run.first(AccountReported, since=40).event
    prices = {"their_price": Decimal(48_000), "our_price": Decimal("48124.6875")}
    numbers = {"theirs": Decimal("0.03"), "ours": Decimal("0.032"), **prices}
    require_equal(
        position.evidence, Reason("position_reported", numbers, {"request_id": report.request_id}), "evidence"
    )
    cash = run.one(DriftDetected, subject="cash", ours=Decimal("9999.96"))
    require_equal(cash.theirs, 10_000, "cash there: the ghosts' fees were never paid")


@verifies("drift recorded as an event with both sides and evidence")
def a_pushed_position_that_differs_is_a_reason_to_ask_and_nothing_else(run: Run) -> None:
    hint = run.line(PositionReported)
    require_equal(run.state_after(hint.version).positions[BTC].size, Decimal("0.032"), "held after the hint")
    asked = run.first(ReconciliationRequested, since=40)
    require_equal(asked.cause, hint.version, "what asked for the account")


@verifies("exchange wins")
def afterwards_the_state_is_what_the_venue_says(run: Run) -> None:
    repaired = run.first(DriftRepaired, subject="position", key=BTC, since=40).event
    require_equal((repaired.key, repaired.value, repaired.price), (BTC, Decimal("0.03"), 48_000), "what is taken over")
    require_equal(run.state_at(41).positions[BTC].size, Decimal("0.03"), "position")
    require_equal(run.state_at(41).positions[BTC].cost, 1_440, "its cost, 0.03 × 48,000")
    require_equal(run.state_at(41).account.cash, 10_000, "cash")
    require_equal(len(run.alerts("drift")), 1, "alerts")
    run.agrees_with_venue()


@verifies("drift recorded as an event with both sides and evidence")
def an_order_that_ended_here_and_works_there_is_told_with_what_is_left(run: Run) -> None:
    require_equal(run.statuses(2), ["requested", "open", "filled", "open"], "what the bot believed of the order")
    order = run.one(DriftDetected, subject="order")
    require_equal((order.key, order.ours, order.theirs), (run.order(2).client_order_id, 0, WHOLE.size), "what is left")
    report = run.first(AccountReported, since=40).event
    names = {"request_id": report.request_id, "status": "filled"}
    require_equal(order.evidence, Reason("order_reported", {"left": Decimal("0.066")}, names), "evidence")


@verifies("exchange wins")
def the_order_works_again_and_counts(run: Run) -> None:
    state, order = run.state_at(41), run.order(2)
    require_equal((order.status, order.filled_size, order.purpose), ("open", 0, "entry"), "the order at the end")
    require_equal(reached_size(state, ETH, "buy"), WHOLE.size, "ETH that the guards count with")
    require(ETH not in state.positions, "the position that never was is still there")


@verifies("repairing twice changes nothing")
def the_same_repair_again_gives_the_same_state(run: Run) -> None:
    for line in run.lines(DriftRepaired, since=40):
        state = run.state_after(line.version)
        once = state_digest(state)
        with arithmetic():
            evolve(state, line.event, line.version, line.at_ns)
        require_equal(state_digest(state), once, f"digest after repairing {line.event.key} again")


@verifies("repairing twice changes nothing")
def the_next_comparison_finds_nothing(run: Run) -> None:
    first, *later = run.lines(ReconciliationCompleted, since=40)
    require(first.event.differences > 0, "the first comparison found nothing")
    require_equal([line.event.differences for line in later], [0] * 3, "differences found later")
    require_equal(run.lines(DriftDetected, since=41), [], "drift detected later")
    require_equal(run.state_at(41).positions, run.state.positions, "positions then and at the end")


SCENARIO = Scenario(
    id="T11",
    name="position_drift",
    section="trading",
    story="bot and exchange differ → detected → repaired",
    trading=canary(
        scripted("puppet", f"{BTC} 10 buy; {ETH} 12 buy"),
        orders={"entry_type": "post_only"},
        reconciliation={"every_s": 45},
        sizing={"notional": Decimal(200)},
    ),
    exchange=with_positions(long(BTC, "0.03", "48000")),
    market=market(prices(BTC, {0: 50_000, 150: 50_000}), prices(ETH, {0: 3_000, 150: 3_000})),
    acts=(At(30, VenueSays(GHOST)), At(31, VenueSays(WHOLE)), At(40, VenueSays(HINT))),
    verifies=(
        position_and_cash_are_told_as_they_are_here_and_there,
        a_pushed_position_that_differs_is_a_reason_to_ask_and_nothing_else,
        an_order_that_ended_here_and_works_there_is_told_with_what_is_left,
        afterwards_the_state_is_what_the_venue_says,
        the_order_works_again_and_counts,
        the_same_repair_again_gives_the_same_state,
        the_next_comparison_finds_nothing,
        reports_are_compared("drift recorded as an event with both sides and evidence"),
        money_adds_up("exchange wins"),
        orders_are_as_reported("exchange wins"),
        parts_add_up("exchange wins"),
    ),
)
