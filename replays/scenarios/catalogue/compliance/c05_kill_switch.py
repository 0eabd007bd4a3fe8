"""C05: an operator halts the bot."""

from decimal import Decimal

from perptape.core.events import (
    CancelRequested,
    CommandApplied,
    CommandRefused,
    ModeChanged,
    OrderCanceled,
    OrderRequested,
    SignalGenerated,
)
from perptape.replays.oracle import (
    commands_are_answered,
    conditions_are_as_told,
    mode_follows,
    orders_are_measured,
    people_are_told,
)
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    LogRefuses,
    Operator,
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


@verifies("all orders cancelled, also when the store cannot be written")
def a_halt_cancels_every_working_order_in_its_turn(run: Run) -> None:
    halted = run.first(ModeChanged, mode="halted")
    require_equal((run.second(halted.at_ns), halted.event.cause), (40, "operator"), "when, and by whom")
    asked = run.lines(CancelRequested, since=40, until=45)
    require_equal({line.cause for line in asked}, {halted.cause}, "what cancels")
    require_equal(len(asked), 2, "orders canceled")
    require_equal(run.state_at(45).orders, {}, "working orders afterwards")


@verifies("all orders cancelled, also when the store cannot be written")
def the_second_halt_reaches_the_venue_while_the_store_takes_nothing(run: Run) -> None:
    canceled = [run.second(call.at_ns) for call in run.called("cancel") if call.at_ns > run.at(60)]
    require(canceled and canceled[0] == 105, f"cancels reached the venue at {canceled}")
    line = run.last(ModeChanged, mode="halted")
    require(run.second(line.at_ns) >= 120, "the halt was on the tape while the store took nothing")
    require_equal(line.event.cause, "operator", "what the tape says halted it")
    at_venue = run.one(OrderCanceled, client_order_id=run.order(3).client_order_id)
    require_equal(at_venue.filled_size, 0, "what of the order filled")
    require_equal(run.venue.working(), [], "orders at the venue at the end")


@verifies("optional flatten")
def the_first_halt_keeps_the_position_and_the_second_closes_it(run: Run) -> None:
    require_equal(run.state_at(85).positions[BTC].size, Decimal("0.02"), "held after the halt without flatten")
    closed = run.line(OrderRequested, purpose="flatten")
    require(run.second(closed.at_ns) >= 120, "an order left without its event stored")
    require_equal((closed.event.side, closed.event.size), ("sell", Decimal("0.02")), "what is closed")
    require_equal(run.state.positions, {}, "held at the end")
    run.agrees_with_venue()


@verifies("nothing placed until a named person resumes with a reason")
def signals_go_unanswered_until_the_resume_that_names_the_halt(run: Run) -> None:
    wanted = run.lines(SignalGenerated, since=50, until=80)
    require_equal(len(wanted), 1, "signals while halted")
    require_equal(run.lines(OrderRequested, since=40, until=85), [], "orders while halted")
    refused = run.one(CommandRefused)
    require_equal((refused.command, refused.actor), ("resume", "bob"), "a resume that names another halt")
    resumed = run.one(CommandApplied, command="resume")
    require_equal((resumed.actor, resumed.reason), ("cleo", "checked every order by hand"), "who resumes, and why")
    placed = run.line(OrderRequested, intent=3)
    require_equal(run.second(placed.at_ns), 90, "the first order afterwards")


SCENARIO = Scenario(
    id="C05",
    name="kill_switch",
    section="compliance",
    story="operator halts",
    trading=canary(
        scripted("puppet", f"{ETH} 10 buy; {ETH} 60 buy; {ETH} 90 buy", symbols=(ETH,)),
        scripted("other", f"{BTC} 20 buy", symbols=(BTC,)),
        orders={"entry_type": "post_only"},
    ),
    exchange=with_positions(profitable(BTC)),
    market=market(prices(BTC, {0: 50_000, 160: 50_000}), prices(ETH, {0: 3_000, 160: 3_000})),
    acts=(
        At(40, Operator("halt", reason="looks odd")),
        At(70, Operator("resume", actor="bob", reason="wrong number", halt_id=9)),
        At(80, Operator("resume", actor="cleo", reason="checked every order by hand")),
        At(100, LogRefuses(20)),
        At(105, Operator("halt", reason="the disk is full", flatten=True)),
    ),
    verifies=(
        a_halt_cancels_every_working_order_in_its_turn,
        the_second_halt_reaches_the_venue_while_the_store_takes_nothing,
        the_first_halt_keeps_the_position_and_the_second_closes_it,
        signals_go_unanswered_until_the_resume_that_names_the_halt,
        mode_follows("all orders cancelled, also when the store cannot be written"),
        commands_are_answered("nothing placed until a named person resumes with a reason"),
        people_are_told("nothing placed until a named person resumes with a reason"),
        orders_are_measured("optional flatten"),
        conditions_are_as_told("nothing placed until a named person resumes with a reason"),
    ),
)
