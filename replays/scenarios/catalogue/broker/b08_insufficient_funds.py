"""B08: there is too little money for an order."""

from decimal import Decimal

from perptape.core.events import OrderBlocked, OrderRejected, OrderRequested, OrderResubmitted, TransferRecorded
from perptape.replays.oracle import orders_are_measured, parts_add_up, people_are_told
from perptape.replays.scenarios import (
    BTC,
    At,
    Run,
    Scenario,
    Transfer,
    canary,
    funded,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)


@verifies("no position")
def the_venue_refuses_and_nothing_is_held(run: Run) -> None:
    refused = run.first(OrderRejected)
    require(refused.event.code.startswith("INSUFFICIENT_FUND"), f"the venue's word is {refused.event.code!r}")
    after = run.state_after(refused.version)
    require_equal((after.positions, after.orders), ({}, {}), "positions and working orders")
    require_equal(run.order(1).status, "rejected", "status")


@verifies("no retry storm")
def it_is_not_sent_again_and_the_next_wish_waits(run: Run) -> None:
    run.none(OrderResubmitted)
    wanted = run.lines(OrderBlocked, guard="refusal_cooldown")
    require_equal([run.second(line.at_ns) for line in wanted], [15, 20, 25, 30, 35, 40, 45], "wishes that wait")
    sent = [run.second(call.at_ns) for call in run.called("submit")]
    require_equal(sent, [10, 55], "orders sent")


@verifies("alert says what is missing")
def a_person_is_told_how_much_is_needed_and_how_much_there_is(run: Run) -> None:
    [alert] = run.alerts("order_rejected")
    require(
        "needs 50.255" in alert.reason.text,
        f"a tenth of 500.05 and the fee of 0.250025 are not in {alert.reason.text!r}",
    )
    require("40 is free" in alert.reason.text, f"540 less 500 on hold is not in {alert.reason.text!r}")


@verifies("no retry storm")
def money_that_comes_in_ends_the_wait(run: Run) -> None:
    deposit, again = run.line(TransferRecorded), run.last(OrderRequested)
    require_equal((run.second(deposit.at_ns), run.second(again.at_ns)), (50, 55), "deposit and next order")
    require_equal(run.order(2).status, "filled", "its status")
    require_equal(run.position(BTC), Decimal("0.01"), "position")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="B08",
    name="insufficient_funds",
    section="broker",
    story="order refused for funds",
    trading=canary(
        scripted("puppet", f"{BTC} 10..46 buy; {BTC} 55 buy"),
        guards={"leverage_max": None, "exposure_share_max": None, "liquidation_buffer": None},
        sizing={"leverage": Decimal(100)},
    ),
    exchange=funded(cash=Decimal(540), hold=Decimal(500)),
    market=market(prices(BTC, {0: 50_000, 90: 50_000})),
    acts=(At(50, Transfer(Decimal(100))),),
    verifies=(
        the_venue_refuses_and_nothing_is_held,
        it_is_not_sent_again_and_the_next_wish_waits,
        a_person_is_told_how_much_is_needed_and_how_much_there_is,
        money_that_comes_in_ends_the_wait,
        orders_are_measured("no retry storm"),
        people_are_told("alert says what is missing"),
        parts_add_up("no retry storm"),
    ),
)
