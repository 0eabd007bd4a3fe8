"""Operators: each command has its own meaning, and each is answered on the tape (S19, C05)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from perptape.core.events import (
    AlertRaised,
    CancelRequested,
    Command,
    CommandApplied,
    CommandRefused,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderBlocked,
    OrderRequested,
    OrderResubmitted,
    SignalGenerated,
)
from perptape.core.events.reason import Reason, operator_says
from perptape.core.settings import OrderSettings
from tests.core.builders import BTC, ETH, limits, reported_order, reported_position
from tests.core.facts import canceled, command, quote, refused, report, running, started
from tests.core.puppet import puppet
from tests.core.rules import Like, Scene, given, like

RESTING = OrderSettings(entry_type="limit")


def trading(**changes: object) -> Scene:
    """A bot that buys at 100 and closes at 110, with a trailing stop of a tenth, and holds 5."""
    trader = puppet(buy=100, close=110, sell=111, trailing_stop="0.1")
    return given(*running(trader, **changes)).when(quote(100)).fill(100)  # type: ignore[arg-type]


def resting() -> Scene:
    """A bot whose entry rests in the book."""
    return given(*running(puppet(buy=100), orders=RESTING)).when(quote(100)).accept()


def halted() -> Scene:
    """A bot that holds 5 and was halted by an operator: halt 1."""
    return trading().when(command("halt"))


def turned_down(why: Reason) -> Like:
    return like(CommandRefused, why=why)


def test_every_command_is_answered_with_who_and_why() -> None:
    trading().when(command("pause", command_id="command-1")).then_also(
        like(CommandApplied, command_id="command-1", command="pause", actor="anna", reason="a test")
    )


def test_a_pause_leaves_signals_without_any_order_and_trailing_stops_alone() -> None:
    scene = trading().when(command("pause"))
    scene.then(CommandApplied, like(ModeChanged, previous="normal", mode="reduce_only", cause="pause"))
    scene.when(quote(110)).then(like(SignalGenerated, action="close"))
    scene.when(quote(99)).then(like(OrderRequested, purpose="trailing_stop", reduce_only=True))


def test_reduce_only_lets_exits_pass_and_blocks_entries_with_the_reason() -> None:
    scene = trading().when(command("reduce_only"))
    scene.then(CommandApplied, like(ModeChanged, mode="reduce_only", cause="operator"))
    scene.when(quote(110)).then(SignalGenerated, like(OrderRequested, purpose="exit", reduce_only=True))
    scene.fill(110)
    scene.when(quote(100)).then(SignalGenerated, like(OrderBlocked, guard="reduce_only"))
    because = operator_says("anna", "a test")
    expected = Reason("reducing_only", names={"causes": "operator"}, because=because)
    assert scene.decisions[1].reason == expected  # type: ignore[union-attr]


def test_reduce_only_lets_nobody_add_to_a_position() -> None:
    scene = given(*running(puppet("a", buy=100), puppet("b", buy=101))).when(quote(100)).fill(100)
    scene.when(command("reduce_only")).when(quote(101)).then(
        like(SignalGenerated, strategy="b"), like(OrderBlocked, strategy="b", side="buy", guard="reduce_only")
    )


def test_an_order_on_the_other_side_does_not_make_an_exit_less_reducing() -> None:
    scene = given(*running(puppet(buy=100, close=101), orders=RESTING)).when(quote(100)).fill(100, 2)
    scene.when(quote(101)).then(SignalGenerated, like(OrderRequested, side="sell", size=2, reduce_only=True))


def test_reduce_only_turns_an_opposite_signal_into_an_exit() -> None:
    scene = trading().when(command("reduce_only"))
    scene.when(quote(111)).then(
        SignalGenerated, like(OrderRequested, side="sell", size=5, reduce_only=True, purpose="exit")
    )


@pytest.mark.parametrize("word", ["pause", "reduce_only"])
def test_restrictions_take_resting_entries_back(word: Command) -> None:
    scene = resting()
    scene.when(command(word)).then(
        CommandApplied, ModeChanged, like(CancelRequested, client_order_id=scene.order.client_order_id)
    )


def test_cancel_all_cancels_and_goes_on_trading() -> None:
    scene = resting()
    scene.when(command("cancel_all")).then(CommandApplied, CancelRequested)
    assert scene.state.mode == "normal"
    scene.when(canceled(scene.order)).when(quote(99)).when(quote(100)).then(SignalGenerated, OrderRequested)


def test_a_halt_cancels_everything_tells_a_person_and_places_nothing_any_more() -> None:
    scene = resting().when(command("halt"))
    scene.then(
        CommandApplied,
        like(ModeChanged, previous="normal", mode="halted", cause="operator", halt_id=1),
        CancelRequested,
        like(AlertRaised, severity="critical", topic="halted", subject="operator", halt_id=1),
    )
    scene.when(canceled(scene.order)).when(quote(100)).then(SignalGenerated)


def test_while_halted_not_even_a_trailing_stop_sells() -> None:
    halted().when(quote(50)).then()


def test_halting_twice_is_one_halt() -> None:
    halted().when(command("halt", command_id="again")).then(CommandApplied)


def test_a_halt_survives_a_restart() -> None:
    scene = halted().restart().when(started(2)).when(command("flatten", command_id="again"))
    assert scene.state.mode == "halted"
    scene.when(quote(110)).then_never(OrderRequested)


# --- resume


def test_a_resume_that_names_the_halt_ends_it() -> None:
    scene = (
        halted()
        .when(command("resume", halt_id=1))
        .then(
            CommandApplied,
            like(ModeChanged, previous="halted", mode="normal", cause="resume", reason=operator_says("anna", "a test")),
        )
    )
    scene.when(quote(110)).then(SignalGenerated, OrderRequested)
    assert scene.state.halts == {}


@pytest.mark.parametrize("halt_id", [0, 2, 7])
def test_a_resume_that_names_another_halt_is_refused(halt_id: int) -> None:
    scene = halted().when(command("resume", halt_id=halt_id))
    scene.then(like(CommandRefused, why=Reason("other_halt", {"halt_id": Decimal(halt_id), "current": Decimal(1)})))
    assert scene.state.mode == "halted"


def test_a_resume_answers_the_newest_of_several_halts() -> None:
    scene = trading(guards=limits(drawdown_limit="0.001")).when(command("halt")).when(quote(90))
    scene.then(GuardTripped, like(ModeChanged, previous="halted", cause="drawdown", halt_id=2), AlertRaised)
    scene.when(command("resume", halt_id=1)).then(CommandRefused)
    scene.when(command("resume", halt_id=2)).then(
        CommandApplied, like(GuardCleared, guard="drawdown"), like(ModeChanged, mode="normal")
    )


def test_a_late_resume_of_a_halt_that_is_over_does_not_lift_a_newer_pause() -> None:
    scene = halted().when(command("resume", halt_id=1)).when(command("pause"))
    scene.when(command("resume", halt_id=1)).then(turned_down(Reason("halt_over", {"halt_id": Decimal(1)})))
    scene.when(command("resume")).then(CommandApplied, like(ModeChanged, mode="normal", cause="resume"))


def test_a_resume_of_what_runs_is_refused() -> None:
    trading().when(command("resume")).then(like(CommandRefused, why=Reason("nothing_to_resume")))


def test_a_resume_does_not_lift_what_a_guard_restricts() -> None:
    scene = trading(guards=limits(daily_loss_limit=10)).when(quote(97))
    assert scene.state.mode == "reduce_only"
    scene.when(command("resume")).then(turned_down(Reason("guards_restrict", names={"causes": "daily_loss"})))
    scene.when(command("pause")).when(command("resume")).then(
        CommandApplied, like(ModeChanged, previous="reduce_only", mode="reduce_only")
    )
    assert list(scene.state.restricted) == ["daily_loss"]


def test_after_a_drawdown_halt_drawdown_is_measured_from_the_equity_of_the_resume() -> None:
    scene = trading(guards=limits(drawdown_limit="0.01")).when(quote(79))
    scene.then(
        like(GuardTripped, guard="drawdown", measured="0.0105", limit="0.01", mode="halted"),
        like(ModeChanged, mode="halted", cause="drawdown"),
        AlertRaised,
    )
    scene.when(command("resume", halt_id=1)).when(quote("78.9")).then_never(GuardTripped)
    assert scene.state.account.peak_equity == 10000 - 21 * 5
    scene.when(quote(50)).then_also(like(GuardTripped, guard="drawdown"), like(ModeChanged, halt_id=2))


def test_a_pause_given_under_a_halt_is_lifted_with_it() -> None:
    scene = halted().when(command("pause")).then(CommandApplied)
    scene.when(command("resume", halt_id=1)).then_also(like(ModeChanged, mode="normal"))
    assert scene.state.restricted == {}


# --- flatten


def test_flatten_closes_every_position_and_stays_out() -> None:
    scene = given(
        *running(puppet(buy=100), positions=[reported_position(5, 100), reported_position(-3, 50, ETH)], orders=RESTING)
    )
    scene.when(quote(100)).accept()
    scene.when(command("flatten")).then(
        CommandApplied,
        like(ModeChanged, mode="reduce_only", cause="pause"),
        CancelRequested,
        like(OrderRequested, symbol=BTC, side="sell", size=5, purpose="flatten", strategy="", reduce_only=True),
        like(OrderRequested, symbol=ETH, side="buy", size=3, purpose="flatten"),
    )


def test_flatten_works_while_halted_and_the_order_is_not_taken_back() -> None:
    scene = halted().when(command("flatten")).then(CommandApplied, like(OrderRequested, purpose="flatten", size=5))
    scene.accept().then()
    scene.fill(98)
    assert scene.position() == 0
    assert scene.state.markets[BTC].sleeves[0].position.size == 0
    assert scene.state.mode == "halted"


def test_a_flatten_that_is_rate_limited_while_halted_is_sent_again() -> None:
    scene = halted().when(command("flatten"))
    scene.when(refused(scene.order)).wait().then_also(like(OrderResubmitted, attempt=2))


def test_flatten_counts_an_exit_that_takes_what_is_there_as_done() -> None:
    scene = trading().when(quote(110))
    scene.when(command("flatten")).then_never(OrderRequested)


def test_flatten_does_not_wait_for_a_resting_order_that_it_cancels() -> None:
    scene = trading()
    theirs = reported_order("", "venue-9", side="sell", size=5, limit_price=120, reduce_only=True)
    scene.when(report(scene.state, orders=[theirs]))
    scene.when(command("flatten")).then(
        CommandApplied,
        ModeChanged,
        like(CancelRequested, client_order_id="external:venue-9"),
        like(OrderRequested, purpose="flatten", size=5, reduce_only=True),
    )


def test_flatten_leaves_alone_what_the_venue_has_not_described() -> None:
    scene = trading(positions=[reported_position(1, 2, "DOGE-PERP")]).when(command("flatten"))
    assert [order.symbol for order in scene.working] == [BTC]


def test_an_expired_flatten_does_nothing() -> None:
    scene = trading()
    scene.when(command("flatten", expires_at_ns=scene.at_ns), after_s=1).then(
        like(CommandRefused, command="flatten", actor="anna", why=Reason("expired"))
    )
    assert scene.position() == 5


@pytest.mark.parametrize("word", ["resume", "cancel_all"])
def test_an_expired_command_that_protects_nobody_does_nothing(word: Command) -> None:
    scene = halted()
    scene.when(command(word, halt_id=1, expires_at_ns=scene.at_ns), after_s=1).then(CommandRefused)


@pytest.mark.parametrize("word", ["pause", "reduce_only", "halt"])
def test_protection_outlives_its_expiry(word: Command) -> None:
    scene = trading()
    scene.when(command(word, expires_at_ns=scene.at_ns), after_s=1).then_also(CommandApplied, ModeChanged)


def test_a_command_is_in_time_until_the_very_moment_it_expires() -> None:
    scene = trading()
    scene.when(command("flatten", expires_at_ns=scene.at_ns)).then_also(CommandApplied, OrderRequested)


def test_a_command_that_comes_twice_is_carried_out_once() -> None:
    scene = trading().when(command("pause", command_id="command-1")).when(command("resume"))
    scene.when(command("pause", command_id="command-1")).then(
        like(CommandRefused, command="pause", why=Reason("answered_before"))
    )
    assert scene.state.mode == "normal"


def test_only_the_last_commands_are_remembered() -> None:
    scene = trading()
    for number in range(201):
        scene.when(command("cancel_all", command_id=f"command-{number}"))
    assert (len(scene.state.commands_seen), "command-0" in scene.state.commands_seen) == (200, False)


@pytest.mark.parametrize(("actor", "reason"), [(" ", "checked"), ("anna", "")])
def test_a_resume_without_a_name_or_a_reason_is_refused(actor: str, reason: str) -> None:
    nameless = replace(command("resume", 1, command_id="command-2"), actor=actor, reason=reason)
    halted().when(nameless).then(like(CommandRefused, why=Reason("unsigned_resume")))


def test_a_halt_may_close_every_position_too() -> None:
    trading().when(command("halt", flatten=True)).then_also(
        like(ModeChanged, mode="halted"), like(OrderRequested, purpose="flatten", side="sell", size=5)
    )


def test_the_place_in_the_inbox_is_kept_and_never_goes_back() -> None:
    scene = trading().when(replace(command("pause"), inbox_version=4))
    scene.when(replace(command("resume", command_id="command-2"), inbox_version=2))
    assert scene.state.inbox_version == 4
