"""S19: operators' commands from the inbox, some expired, some sent while the bot was down."""

from decimal import Decimal

from perptape.core.events import (
    CancelRequested,
    CommandApplied,
    CommandRefused,
    ModeChanged,
    OperatorCommandReceived,
    OrderBlocked,
    OrderRequested,
)
from perptape.core.events.reason import Reason, operator_says
from perptape.replays.oracle import commands_are_answered, conditions_are_as_told, mode_follows, orders_are_measured
from perptape.replays.scenarios import (
    BTC,
    At,
    Operator,
    Restart,
    Run,
    Scenario,
    canary,
    market,
    prices,
    profitable,
    require_equal,
    scripted,
    verifies,
    with_positions,
)


@verifies("each its own meaning")
def a_pause_stops_what_strategies_want_and_a_resume_lifts_it(run: Run) -> None:
    require_equal(run.state_at(12).mode, "reduce_only", "mode while paused")
    require_equal(run.all(OrderRequested, since=10, until=25), [], "orders while paused")
    require_equal(run.state_at(26).mode, "normal", "mode after the resume")


@verifies("each its own meaning")
def reduce_only_blocks_an_entry_and_lets_an_exit_pass(run: Run) -> None:
    blocked = run.one(OrderBlocked, since=40, until=50)
    require_equal((blocked.guard, blocked.side), ("reduce_only", "buy"), "what is blocked")
    left = run.one(OrderRequested, since=50, until=60)
    require_equal((left.purpose, left.reduce_only), ("exit", True), "what leaves")


@verifies("each its own meaning")
def a_halt_cancels_and_a_flatten_closes_what_the_account_holds(run: Run) -> None:
    halted = run.line(ModeChanged, mode="halted")
    require_equal(run.second(halted.at_ns), 70, "second of the halt")
    require_equal(halted.event.cause, "operator", "who halted")
    flat = run.one(OrderRequested, purpose="flatten")
    require_equal((flat.symbol, flat.side, flat.size), (BTC, "sell", profitable(BTC).size), "what is closed")
    require_equal(run.position(BTC), 0, "what is held in the end")
    resting = run.one(OrderRequested, since=60, until=70)
    canceled = run.line(CancelRequested, client_order_id=resting.client_order_id)
    require_equal(canceled.cause, halted.cause, "the halt is what canceled the resting order")


@verifies("actor and reason recorded")
def each_applied_command_says_who_and_why(run: Run) -> None:
    applied = [(one.command, one.actor, one.reason) for one in run.all(CommandApplied)]
    require_equal(
        applied,
        [
            ("pause", "ann", "lunch"),
            ("resume", "bob", "back from lunch"),
            ("reduce_only", "ann", "news at nine"),
            ("halt", "ann", "looks odd"),
            ("resume", "cleo", "checked by hand"),
            ("flatten", "dan", "weekend"),
        ],
        "commands applied, with actor and reason",
    )
    said = run.line(ModeChanged, mode="halted").event.reason
    require_equal(said, operator_says("ann", "looks odd"), "what the halt says")


@verifies("an expired flatten does nothing")
def a_flatten_that_expired_while_the_bot_was_down_is_refused(run: Run) -> None:
    refused = run.line(CommandRefused, command="flatten")
    require_equal(refused.event.why, Reason("expired"), "why")
    require_equal(run.second(refused.at_ns), 100, "second in which the bot heard of it")
    require_equal(run.all(OrderRequested, since=80, until=110), [], "orders from it")
    sent = [one.inbox_version for one in run.all(OperatorCommandReceived)]
    require_equal(sent, list(range(1, 9)), "each command of the inbox once, also those from while the bot was down")


@verifies("resume names its halt")
def a_resume_of_another_halt_is_refused_and_of_this_one_applied(run: Run) -> None:
    refused = run.one(CommandRefused, command="resume")
    require_equal(refused.why, Reason("other_halt", {"halt_id": Decimal(7), "current": Decimal(1)}), "why")
    lifted = run.line(ModeChanged, cause="resume", previous="halted")
    answered = run.events[(lifted.cause or 0) - 1].event
    require_equal((answered.halt_id, answered.actor), (1, "cleo"), "the halt named, and by whom")


SCENARIO = Scenario(
    id="S19",
    name="operator_commands",
    section="state",
    story="pause, reduce-only, halt, flatten, resume from the inbox, some expired, some while the bot was down",
    trading=canary(
        scripted("puppet", f"{BTC} 15 buy; {BTC} 25 buy; {BTC} 50 close"),
        scripted("other", f"{BTC} 40 buy"),
        scripted("rests", f"{BTC} 65 sell"),
        orders={"entry_type": "post_only"},
    ),
    exchange=with_positions(profitable(BTC)),
    market=market(prices(BTC, {0: 50_000, 25: 50_000, 30: 49_900, 130: 49_900})),
    acts=(
        At(10, Operator("pause", reason="lunch")),
        At(25, Operator("resume", actor="bob", reason="back from lunch")),
        At(35, Operator("reduce_only", reason="news at nine")),
        At(70, Operator("halt", reason="looks odd")),
        At(75, Operator("resume", actor="bob", reason="wrong number", halt_id=7)),
        At(80, Restart(away_s=20)),
        At(82, Operator("flatten", expires_s=10, reason="too late")),
        At(84, Operator("resume", actor="cleo", reason="checked by hand", halt_id=1)),
        At(110, Operator("flatten", actor="dan", expires_s=60, reason="weekend")),
    ),
    verifies=(
        a_pause_stops_what_strategies_want_and_a_resume_lifts_it,
        reduce_only_blocks_an_entry_and_lets_an_exit_pass,
        a_halt_cancels_and_a_flatten_closes_what_the_account_holds,
        each_applied_command_says_who_and_why,
        a_flatten_that_expired_while_the_bot_was_down_is_refused,
        a_resume_of_another_halt_is_refused_and_of_this_one_applied,
        commands_are_answered("each its own meaning"),
        mode_follows("each its own meaning"),
        conditions_are_as_told("actor and reason recorded"),
        orders_are_measured("each its own meaning"),
    ),
)
