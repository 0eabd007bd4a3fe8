"""Playing a script: what each act does to bot, venue and machine, and that a process can die at any moment."""

from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace as relisted

from perptape.core.edge.simulation.exchange.listing import BTC_PERP
from perptape.core.errors import SimulationError
from perptape.core.events import (
    AccountReported,
    ClockJumped,
    CommandApplied,
    CommandRefused,
    ConfigurationLoaded,
    ConnectionLost,
    ConnectionRestored,
    CredentialsLoaded,
    InstrumentUpdated,
    OperatorCommandReceived,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderRejected,
    QuoteUpdated,
    SessionStarted,
    SessionStopped,
    TradingStatusChanged,
    TransferRecorded,
)
from perptape.eventstore.memory import MemoryStore
from perptape.replays.proof.player import replay_file
from perptape.replays.scenarios import (
    BTC,
    At,
    Budget,
    ChannelOutage,
    LogRefuses,
    NetworkSettings,
    NewCredentials,
    Operator,
    Restart,
    Run,
    TradeByHand,
    Transfer,
    VenueCancels,
    VenueRelists,
    VenueSays,
    VenueStatus,
    WallClockJump,
    canary,
    changed,
    funded,
    market,
    play,
    prices,
    scripted,
)
from perptape.replays.scenarios.language.scenario import START_NS
from perptape.replays.scenarios.language.script import Act
from perptape.replays.scenarios.runner.session import ENDED, TASKS
from tests.replays.scenarios.small import FLAT, SMALL, small

POST_ONLY = canary(scripted("puppet", f"{BTC} 10 buy"), orders={"entry_type": "post_only"})
"""An entry that rests below the market until somebody does something about it."""


def after(*acts: tuple[int, Act]) -> Run:
    """What happens when these acts happen."""
    return play(small(acts=tuple(At(second, act) for second, act in acts))).run


def resting(*acts: tuple[int, Act]) -> Run:
    """The same, with an entry that rests."""
    return play(small(trading=POST_ONLY, acts=tuple(At(second, act) for second, act in acts))).run


def test_a_scenario_begins_and_ends_with_its_market() -> None:
    run = after()
    start, stop = run.line(SessionStarted), run.line(SessionStopped)
    assert run.second(start.at_ns) == 0
    assert start.event.tasks == TASKS
    assert run.second(stop.at_ns) == 120
    assert stop.event.reason == ENDED
    assert stop == run.events[-2]
    assert len(run.all(QuoteUpdated, symbol=BTC)) == 25


def test_it_plays_the_same_again_and_otherwise_with_another_seed() -> None:
    first, again, other = play(SMALL).run, play(SMALL).run, play(small(seed=8)).run
    assert first.tape == again.tape
    assert first.nonce == again.nonce != other.nonce


def test_a_plan_counts_from_the_start_of_the_scenario() -> None:
    run = play(small(start_ns=START_NS + 3_600 * 10**9)).run
    assert run.second(run.line(OrderFilled).at_ns) == 10


def test_it_can_be_played_on_a_store_of_ones_own() -> None:
    store = MemoryStore()
    run = play(SMALL, store=store).run
    assert [envelope[0] for envelope in store.read("bot")] == [line.version for line in run.tape]


def test_what_is_written_replays(tmp_path: Path) -> None:
    played = play(SMALL)
    played.write(tmp_path / "U01_small.jsonl")
    replay = replay_file(tmp_path / "U01_small.jsonl")
    assert replay.divergence is None
    assert replay.events == len(played.run.tape)


def test_an_act_after_the_end_of_the_market_is_refused() -> None:
    with pytest.raises(SimulationError, match="U01: the market ends before second 121: extend it"):
        after((121, Transfer(Decimal(1))))


def test_acts_of_one_second_keep_their_order_and_others_may_be_written_in_any() -> None:
    run = after((30, Transfer(Decimal(3))), (20, Transfer(Decimal(1))), (20, Transfer(Decimal(2))))
    assert [event.amount for event in run.all(TransferRecorded)] == [1, 2, 3]


def test_money_comes_and_goes() -> None:
    run = after((20, Transfer(Decimal(500))), (30, Transfer(Decimal(-200))))
    assert run.state_at(29).account.cash - run.state_at(19).account.cash == 500
    assert run.state.account.cash - run.state_at(29).account.cash == -200
    run.agrees_with_venue()


def test_a_person_trades_at_the_market() -> None:
    run = after((30, TradeByHand(BTC, "buy", Decimal("0.01"))))
    assert run.position(BTC) - run.state_at(29).positions[BTC].size == Decimal("0.01")
    run.agrees_with_venue()


def test_a_person_trades_with_a_limit_that_rests() -> None:
    run = after((30, TradeByHand(BTC, "buy", Decimal("0.01"), Decimal(49_000))))
    assert [order.request.client_order_id for order in run.venue.working()] == [""]
    assert run.position(BTC) == run.state_at(29).positions[BTC].size


def test_the_venue_cancels_an_order() -> None:
    run = resting((30, VenueCancels(1, "by the venue")))
    assert run.order(1).status == "canceled"
    canceled = run.line(OrderCanceled)
    assert run.second(canceled.at_ns) == 30
    assert canceled.event.reason == "by the venue"


def test_the_venue_halts_a_symbol() -> None:
    run = after((30, VenueStatus(BTC, "halted", "news")), (60, VenueStatus(BTC, "open", "over")))
    statuses = [
        (run.second(line.at_ns), line.event.status, line.event.reason)
        for line in run.lines(TradingStatusChanged, since=30)
    ]
    assert statuses == [(Decimal(30), "halted", "news"), (Decimal(60), "open", "over")]
    assert run.state_at(59).markets[BTC].status == "halted"


def test_the_venue_describes_an_instrument_anew() -> None:
    coarse = relisted(BTC_PERP, size_increment=Decimal("0.01"))
    run = after((30, VenueRelists(coarse)))
    assert run.last(InstrumentUpdated).event.instrument == coarse
    assert run.state_at(29).markets[BTC].instrument != run.state.markets[BTC].instrument == coarse


def test_the_venue_says_what_it_has_not_done_about_the_order_of_an_intent() -> None:
    message = OrderRejected(seq=0, client_order_id="1", code="RISK", reason="changed its mind")
    run = resting((30, VenueSays(message)))
    said = run.line(OrderRejected)
    assert said.event.client_order_id == run.order(1).client_order_id
    assert said.event.seq > 0
    assert [order.request.intent for order in run.venue.working()] == [1]


def test_the_last_point_of_the_market_ends_it_whatever_still_rests_at_the_venue() -> None:
    run = resting()
    assert run.second(run.events[-1].at_ns) == 120
    assert [order.request.intent for order in run.venue.working()] == [1]


def test_an_operator_is_heard_at_once() -> None:
    run = after((30, Operator("pause", actor="eve", reason="lunch")))
    received, applied = run.line(OperatorCommandReceived), run.line(CommandApplied)
    assert run.second(received.at_ns) == 30
    assert applied.cause == received.version
    assert (applied.event.actor, applied.event.reason) == ("eve", "lunch")


def test_a_resume_answers_the_halt_that_holds_the_bot() -> None:
    run = after((30, Operator("halt")), (40, Operator("resume")))
    assert run.state_at(35).mode == "halted"
    assert run.state.mode == "normal"
    resume = run.line(OperatorCommandReceived, command="resume")
    assert resume.event.halt_id == run.state_at(35).halt_ordinal


def test_a_resume_can_name_another_halt_and_does_nothing() -> None:
    run = after((30, Operator("halt")), (40, Operator("resume", halt_id=99)))
    assert run.state.mode == "halted"
    assert run.line(CommandRefused).event.command == "resume"


def test_a_command_waits_for_a_bot_that_is_down_and_may_expire_meanwhile() -> None:
    run = after(
        (30, Restart(kill=True, away_s=30)), (40, Operator("flatten", expires_s=5)), (41, Operator("reduce_only"))
    )
    received = [(run.second(line.at_ns), line.event.command) for line in run.lines(OperatorCommandReceived)]
    assert received == [(Decimal(60), "flatten"), (Decimal(60), "reduce_only")]
    assert [line.event.command for line in run.lines(CommandApplied)] == ["reduce_only"]
    assert run.line(CommandRefused).event.command == "flatten"


def test_a_restart_in_good_order_says_so_and_is_back_at_once() -> None:
    run = after((30, Restart()))
    first, second = run.lines(SessionStarted)
    stop = run.lines(SessionStopped)[0]
    assert stop.event.reason == "restart"
    assert run.second(stop.at_ns) == run.second(second.at_ns) == 30
    assert (first.event.session, second.event.session) == (1, 2)


def test_a_kill_leaves_no_word_and_nobody_listens_while_away() -> None:
    run = after((30, Restart(kill=True, away_s=20)))
    assert len(run.lines(SessionStopped)) == 1
    assert [run.second(line.at_ns) for line in run.lines(SessionStarted)] == [0, 50]
    quotes = [run.second(line.at_ns) for line in run.lines(QuoteUpdated, since=30)]
    assert min(quotes) == 50
    run.agrees_with_venue()


def test_a_restart_with_other_settings_loads_them() -> None:
    other = changed(SMALL.trading, guards={"trade_value_max": Decimal(400)})
    run = after((30, Restart(trading=other)))
    loaded = run.lines(ConfigurationLoaded)
    assert [run.second(line.at_ns) for line in loaded] == [0, 30]
    assert [line.event.settings.guards.trade_value_max for line in loaded] == [1_000, 400]


def test_new_credentials_are_told_to_the_bot() -> None:
    assert after((30, NewCredentials("key-2"))).line(CredentialsLoaded, since=30).event.key_id == "key-2"


@pytest.mark.parametrize("seconds", [3_600, -3_600])
def test_the_wall_clock_jumps_and_the_tape_goes_on(seconds: int) -> None:
    run = after((30, WallClockJump(seconds)))
    assert run.line(ClockJumped).event.jump_ns == seconds * 10**9
    times = [line.at_ns for line in run.events]
    assert times == sorted(times)
    assert run.second(times[-1]) == 120


def test_a_log_that_refuses_takes_nothing_and_afterwards_everything_that_was_said_meanwhile() -> None:
    trading = canary(scripted("puppet", f"{BTC} 10 buy; {BTC} 20..60 close"))
    run = play(small(trading=trading, acts=(At(15, LogRefuses(20)),))).run
    assert [run.second(call.at_ns) for call in run.called("submit")] == [10, 35]
    bought, sold = run.lines(OrderFilled)
    assert run.second(bought.at_ns) == run.second(sold.at_ns) == 35
    run.agrees_with_venue()


def test_a_channel_that_is_out_is_lost_and_restored() -> None:
    run = play(small(network=NetworkSettings(outages=(ChannelOutage(("market",), 30, 50),)))).run
    assert run.second(run.first(ConnectionLost, channel="market").at_ns) == 30
    assert run.second(run.line(ConnectionRestored, channel="market", since=30).at_ns) >= 50
    assert run.lines(QuoteUpdated, since=30, until=50) == []


def test_a_budget_holds_requests_back() -> None:
    """The session's first request empties the bucket, and the order has to wait for its second."""
    free = play(small(trading=canary(scripted("puppet", f"{BTC} 0 buy")))).run
    bound = play(small(trading=canary(scripted("puppet", f"{BTC} 0 buy")), budget=Budget(1, 1))).run
    assert free.second(free.called("submit", 1)[0].at_ns) < 1
    assert bound.second(bound.called("submit", 1)[0].at_ns) >= 1


def test_a_price_that_stops_ends_the_session_with_the_last_point_of_the_others() -> None:
    run = play(small(market=market(prices(BTC, {0: 50_000, 20: None, 60: 50_000, 65: 50_000})))).run
    assert run.lines(QuoteUpdated, since=20, until=60) == []
    assert run.second(run.events[-1].at_ns) == 65


def test_calls_are_noted_with_what_was_answered() -> None:
    run = play(SMALL).run
    [call] = run.called("submit", 1)
    assert run.second(call.at_ns) == 10
    assert type(call.answers[0]) is OrderAccepted
    report = run.called("report_account")[0]
    assert [type(answer) for answer in report.answers] == [AccountReported]


SHORT = small(
    trading=canary(scripted("puppet", f"{BTC} 10..25 buy")), market=market(prices(BTC, {0: 50_000, 30: 50_000}))
)
"""It is said three times, because what is said while the bot still compares itself with the venue is not acted upon."""


def test_moments_are_around_each_append_and_each_call_and_always_the_same() -> None:
    moments = play(SHORT).moments
    assert set(moments) == {"before an append", "after an append", "call received", "call journaled", "call answered"}
    assert moments == play(SHORT).moments


def test_a_process_killed_at_any_moment_ends_with_one_order_and_the_same_position() -> None:
    for moment in range(1, len(play(SHORT).moments) + 1):
        run = play(SHORT, kills=(moment,)).run
        run.agrees_with_venue()
        assert [order.request.size for order in run.venue.orders.values()] == [Decimal("0.01")]
        assert len(run.lines(SessionStarted)) in (1, 2)


def test_a_process_can_be_killed_again_while_it_starts() -> None:
    run = play(SHORT, kills=(3, 4, 5, 8)).run
    run.agrees_with_venue()
    assert run.position(BTC) == Decimal("0.01")


def test_a_killed_process_has_not_stopped_in_good_order() -> None:
    run = play(SHORT, kills=(6,)).run
    assert len(run.lines(SessionStarted)) == 2
    assert len(run.lines(SessionStopped)) == 1


def test_flat_is_what_it_is_called() -> None:
    assert funded().cash == 10_000
    assert len(list(FLAT(START_NS))) == 25
