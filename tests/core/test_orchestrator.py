# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""Observe, decide, append, dispatch: persist first, then act; a turn is stored wholly or not at all (S10, S17)."""

from itertools import pairwise

import msgspec
import pytest
from msgspec import Raw

from perptape.core.codec import log_record
from perptape.core.durations import SECOND_NS
from perptape.core.errors import LogRefusedError
from perptape.core.events import (
    CancelRequested,
    ConfigurationLoaded,
    OpeningState,
    OrderLookupRequested,
    OrderRequested,
    ReconciliationRequested,
    SessionStarted,
)
from perptape.core.opening import memories_of, snapshot_bytes, state_bytes
from perptape.core.settings import TradingSettings
from perptape.core.state import State
from perptape.core.wording import alert_title
from tests.core.builders import BTC, account_report, reported_order, reported_position
from tests.core.facts import accepted, command, filled, found, quote, refused, settings, unanswered
from tests.core.fakes import MemoryLog, ScriptedBroker
from tests.core.puppet import Strings, puppet
from tests.core.world import BEHAVIOUR, RESTING, World, begun, refolded, restarted, world


async def test_a_first_session_begins_with_settings_and_a_comparison_with_the_venue() -> None:
    made = world()
    await made.bot.start(settings())
    made.bot.flush()
    assert made.log.types == [
        "SessionStarted",
        "ReconciliationRequested",
        "AccountReported",
        "DriftDetected",
        "DriftRepaired",
        "ReconciliationCompleted",
        "ConfigurationLoaded",
    ]
    state = made.bot.state
    assert (state.running, state.session, state.nonce) == (True, 1, "nonce")
    assert (state.positions, state.orders, state.account.cash) == ({}, {}, 10000)
    assert all(market.window.prices == [] for market in state.markets.values())


async def test_a_turn_names_its_observation_as_the_cause_of_its_decisions() -> None:
    made = await begun(puppet(buy=100))
    await made.send(quote(100, seq=3))
    *_, observed, signal, order = made.log.read(0)
    assert (observed.type, observed.cause) == ("QuoteUpdated", None)
    assert (signal.type, signal.cause) == ("SignalGenerated", observed.version)
    assert (order.type, order.cause) == ("OrderRequested", observed.version)
    assert observed.at_ns == signal.at_ns == order.at_ns == made.clock.now


async def test_an_order_leaves_only_after_its_turn_is_stored() -> None:
    made = await begun(puppet(buy=100))
    made.log.refusals = 1
    before = snapshot_bytes(refolded_after_flush(made))
    with pytest.raises(LogRefusedError):
        await made.send(quote(100, seq=3))
    assert made.broker.of(OrderRequested) == []
    assert snapshot_bytes(made.bot.state) == before


def refolded_after_flush(made: World) -> State:
    """What is stored, once what waits has been stored too."""
    made.log.refusals = 0
    made.bot.flush()
    made.log.refusals = 1
    return refolded(made.log)


async def test_a_bot_whose_log_takes_turns_again_goes_on_from_what_is_stored() -> None:
    made = await begun(puppet(buy=100))
    made.bot.flush()
    made.log.refusals = 1
    with pytest.raises(LogRefusedError):
        await made.send(quote(100, seq=3))
    await made.send(quote(100, seq=3))
    assert len(made.broker.of(OrderRequested)) == 1
    assert snapshot_bytes(made.bot.state) == snapshot_bytes(refolded(made.log))


async def test_when_the_log_refuses_a_group_all_of_it_is_gone() -> None:
    made = await begun(options={"group_events": 3})
    made.bot.flush()
    head = made.log.head_version()
    await made.send(quote(98, seq=3), quote(97, seq=4))
    made.log.refusals = 1
    with pytest.raises(LogRefusedError):
        await made.send(quote(96, seq=5))
    assert made.bot.state.version == made.log.head_version() == head
    assert made.bot.state.feed_seq == 2


async def test_quiet_turns_share_a_commit_and_one_with_an_effect_commits_at_once() -> None:
    made = await begun(puppet(buy=100), options={"group_events": 4})
    made.bot.flush()
    made.log.appends.clear()
    await made.send(quote(98, seq=3), quote(97, seq=4), quote(96, seq=5))
    assert made.log.appends == []
    await made.send(quote(95, seq=6))
    assert made.log.appends == [4]
    await made.send(quote(98, seq=7), quote(100, seq=8))
    assert made.log.appends == [4, 4]


async def test_answers_are_observed_until_nothing_is_left_to_carry_out() -> None:
    made = await begun(puppet(buy=100))
    await made.send(quote(100, seq=3))
    [order] = made.bot.state.orders.values()
    made.broker.answer(OrderLookupRequested, found(order, "open"))
    await made.send(unanswered(order))
    assert order.status == "open"
    assert made.bot.state.alerts == {}


async def test_an_order_that_is_sent_again_is_the_same_order() -> None:
    made = await begun(puppet(buy=100), orders=RESTING)
    await made.send(quote(100, seq=3))
    [order] = made.bot.state.orders.values()
    await made.send(refused(order))
    assert not await made.bot.fire_due(made.clock.now)
    made.clock.now += SECOND_NS
    assert await made.bot.fire_due(made.clock.now)
    first, again = made.broker.of(OrderRequested)
    assert first == again


async def test_cancels_and_alerts_leave_too() -> None:
    made = await begun(puppet(buy=100), orders=RESTING)
    await made.send(quote(100, seq=3), command("halt"))
    assert len(made.broker.of(CancelRequested)) == 1
    assert [alert_title(alert) for alert in made.alerts.delivered] == ["halted: operator"]
    assert made.bot.state.alerts == {}


async def test_stopping_stores_everything_and_a_snapshot_of_it() -> None:
    made = await begun()
    await made.bot.stop("enough")
    assert made.log.types[-2:] == ["SessionStopped", "StateDigestRecorded"]
    snapshot = made.log.newest_snapshot(BEHAVIOUR)
    assert snapshot is not None
    assert (snapshot.version, snapshot.state) == (made.log.head_version(), snapshot_bytes(refolded(made.log)))
    assert not made.bot.state.running
    await made.bot.stop("again")
    assert made.bot.snapshot_version == made.log.head_version()


async def test_snapshots_are_taken_as_the_log_grows() -> None:
    made = await begun(options={"group_events": 1}, state_digest_every=10)
    for seq in range(3, 40):
        await made.send(quote(99, seq=seq))
    versions = [entry.version for entry in made.log.store.snapshots("bot")]
    assert all(10 <= later - earlier < 12 for earlier, later in pairwise(versions))
    assert len(versions) >= 3


# --- time and the feed


async def test_receipt_time_never_goes_back_and_timers_are_neither_lost_nor_doubled() -> None:
    made = await begun(puppet(trigger="cycle", buy=100))
    made.clock.now -= 3600 * SECOND_NS
    await made.send(quote(98, seq=3))
    made.bot.flush()
    times = [event.at_ns for event in made.log.read(0)]
    assert times == sorted(times)
    made.clock.now += 7200 * SECOND_NS
    fired = 0
    while await made.bot.fire_due(made.clock.now):
        fired += 1
    made.bot.flush()
    assert made.log.types.count("TimerFired") == fired
    ids = [event.data for event in made.log.read(0) if event.type == "TimerFired"]
    assert ids.count(b'{"timer_id":"cycle"}') == 1


async def test_duplicates_and_late_frames_of_the_feed_change_nothing() -> None:
    made = await begun()
    await made.send(quote(98, seq=3), quote(97, seq=5))
    before = snapshot_bytes(made.bot.state)
    await made.send(quote(97, seq=5), quote(98, seq=3), quote(96, seq=4))
    assert snapshot_bytes(made.bot.state) == before
    await made.send(quote(96, seq=6))
    assert made.bot.state.markets[BTC].price == 96


async def test_a_feed_that_delivers_again_after_a_restart_finds_it_done() -> None:
    made = await begun(puppet(buy=100))
    await made.send(quote(100, seq=3))
    [order] = made.bot.state.orders.values()
    fill = filled(order, 100, seq=4)
    await made.send(fill)
    made.bot.flush()
    venue = ScriptedBroker()
    venue.answer(ReconciliationRequested, account_report(positions=[reported_position(5, 100)]))
    again = await restarted(made, broker=venue)
    await again.send(quote(100, seq=3), fill)
    assert again.bot.state.positions[BTC].size == 5
    assert again.broker.of(OrderRequested) == []


async def test_direct_answers_have_no_place_in_the_feed_and_are_never_dropped() -> None:
    made = await begun(puppet(buy=100), orders=RESTING)
    await made.send(quote(100, seq=3))
    [order] = made.bot.state.orders.values()
    await made.send(accepted(order))
    assert order.status == "open"


# --- sessions


async def test_a_second_session_settles_what_the_first_left_open_before_it_trades() -> None:
    made = await begun(puppet(buy=100, close=101))
    await made.send(quote(100, seq=3))
    [order] = made.bot.state.orders.values()
    venue = ScriptedBroker()
    venue.answer(OrderLookupRequested, found(order, "open"))
    venue.answer(ReconciliationRequested, account_report(orders=[reported_order(order.client_order_id)]))
    again = await restarted(made, broker=venue)
    assert [type(call) for call in venue.calls] == [OrderLookupRequested, ReconciliationRequested]
    assert again.bot.state.session == 2
    assert again.bot.state.orders[order.client_order_id].status == "open"
    assert not again.bot.state.reconciliation.required


async def test_the_same_settings_are_not_loaded_twice_and_other_ones_are() -> None:
    made = await begun()
    made.bot.flush()
    again = await restarted(made)
    again.bot.flush()
    assert again.log.types.count("ConfigurationLoaded") == 1
    third = await restarted(again, settings(cycle_s=7))
    third.bot.flush()
    assert third.log.types.count("ConfigurationLoaded") == 2
    assert third.bot.state.settings.cycle_s == 7


async def test_settings_that_a_killed_first_session_did_not_store_are_loaded_by_the_second() -> None:
    made = world()
    await made.bot.observe(
        SessionStarted(session=1, nonce="nonce", venue="scripted", settle_ns=0, idempotent_client_ids=True, tasks=())
    )
    made.bot.flush()
    again = world(MemoryLog(made.log.store))
    await again.bot.start(TradingSettings())
    again.bot.flush()
    assert again.log.types[-1] == ConfigurationLoaded.__name__


async def test_a_person_s_halt_cancels_at_once_though_the_log_refuses_and_is_on_the_tape_as_soon_as_it_can() -> None:
    made = await begun(puppet(buy=100), orders=RESTING)
    await made.send(quote(100, seq=3))
    order = next(iter(made.bot.state.orders.values()))
    made.log.refusals = 2
    for _ in range(2):
        with pytest.raises(LogRefusedError):
            await made.send(command("halt"))
    canceled = {call.client_order_id for call in made.broker.calls if isinstance(call, CancelRequested)}
    assert canceled == {order.client_order_id}
    assert "ModeChanged" not in made.log.types
    await made.send(quote(100, seq=4))
    assert made.bot.state.mode == "halted"
    assert made.log.types.count("ModeChanged") == 1


async def test_nothing_but_a_halt_is_carried_out_while_the_log_refuses() -> None:
    made = await begun(puppet(buy=100), orders=RESTING)
    await made.send(quote(100, seq=3))
    made.log.refusals = 1
    with pytest.raises(LogRefusedError):
        await made.send(command("cancel_all"))
    assert made.broker.of(CancelRequested) == []


async def test_memory_that_no_longer_fits_the_code_begins_anew_and_the_tape_says_so() -> None:
    before = await begun(puppet(buy=100))
    await before.send(quote(98, seq=3))
    state = before.bot.state
    memories = tuple(msgspec.structs.replace(memory, memory_schema=9) for memory in memories_of(state))
    log = MemoryLog()
    log.append(0, [log_record(OpeningState(Raw(state_bytes(state)), memories), state.at_ns, None)])
    after = world(log)
    await after.bot.start(state.settings)
    after.bot.flush()
    dropped = [type_name for type_name in after.log.types if type_name == "StrategyMemoryDropped"]
    assert len(dropped) == len(memories) == 2
    assert [sleeve.memory for market in after.bot.state.markets.values() for sleeve in market.sleeves] == [
        Strings()
    ] * 2
    assert after.bot.state.account == state.account
