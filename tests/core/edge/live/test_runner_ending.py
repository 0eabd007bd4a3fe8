"""How the live runner ends: in good order with a last event that says why, or because it cannot go on (S07, X05)."""

import asyncio
import json
from pathlib import Path

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.edge.live.background_task import BackgroundTask
from perptape.core.edge.live.runner import FEED_ENDED, LiveOptions, Waiting, run_live
from perptape.core.edge.live.supervisor import Stopped
from perptape.core.errors import LogRefusedError, TurnFailedError
from perptape.core.events import (
    InstrumentUpdated,
    OrderLookupRequested,
    OrderRequested,
    SessionStarted,
    SessionStopped,
    TaskCrashed,
)
from tests.core.builders import instrument
from tests.core.edge.live.live_bench import START_NS, LiveBench, rejecting_later
from tests.core.edge.live.stubborn_task import StubbornTask
from tests.core.facts import quote, settings
from tests.core.fakes import MemoryLog
from tests.core.puppet import puppet

OWN_TASKS = ("feed", "timers", "flush", "clock")
HOUR_S = 3_600
REJECTION = ("OrderRejected", "AlertRaised", "AlertDelivered")
"""What a turn whose order is rejected goes on with."""


@pytest.fixture
def bench() -> LiveBench:
    return LiveBench()


# --- stopping


async def test_the_last_event_says_why_the_session_ended_and_all_is_durable(bench: LiveBench) -> None:
    async with bench.living() as life:
        await bench.send(quote(99, seq=1))
        bench.stop.ask("SIGTERM")
        bench.stop.ask("SIGINT")
        await bench.time.rests()
        assert await life == Stopped(OWN_TASKS, ())
    assert bench.log.types[-3:] == ["QuoteUpdated", "SessionStopped", "StateDigestRecorded"]
    assert bench.events(SessionStopped) == [SessionStopped(session=1, reason="SIGTERM")]
    assert bench.bot.state.version == bench.log.head_version() == bench.bot.snapshot_version


async def test_a_feed_that_ends_ends_the_session(bench: LiveBench) -> None:
    async with bench.living() as life:
        await bench.send(quote(99, seq=1), None)
        await life
    assert bench.events(SessionStopped)[0].reason == FEED_ENDED


async def test_an_order_on_its_way_gets_its_answer_before_the_session_ends(bench: LiveBench) -> None:
    may_answer = rejecting_later(bench)
    async with bench.living(puppet(buy=100), options=LiveOptions(stop_within_s=5)) as life:
        await bench.send(InstrumentUpdated(1, instrument()), quote(100, seq=2))
        bench.stop.ask("SIGTERM")
        await bench.time.passes(4)
        assert not life.done()
        may_answer.set()
        await bench.time.rests()
        await life
    assert bench.log.types[-6:] == ["OrderRequested", *REJECTION, "SessionStopped", "StateDigestRecorded"]


async def test_a_venue_that_does_not_answer_does_not_hold_up_the_end(bench: LiveBench) -> None:
    rejecting_later(bench)
    async with bench.living(puppet(buy=100), options=LiveOptions(stop_within_s=5)) as life:
        await bench.send(InstrumentUpdated(1, instrument()), quote(100, seq=2))
        bench.stop.ask("SIGTERM")
        await bench.time.passes(5)
        await life
    assert bench.log.types[-3:] == ["OrderRequested", "SessionStopped", "StateDigestRecorded"]
    again = LiveBench(MemoryLog(bench.log.store), bench.time.wall)
    async with again.living():
        assert len(again.broker.of(OrderLookupRequested)) == 1


async def test_a_start_that_waits_for_the_venue_can_be_stopped(bench: LiveBench) -> None:
    async def silent() -> None:
        await asyncio.Event().wait()

    bench.broker.before_report = silent
    async with bench.living(options=LiveOptions(stop_within_s=5)) as life:
        bench.stop.ask("SIGTERM")
        await bench.time.passes(5)
        assert await life == Stopped(OWN_TASKS, ())
    assert bench.log.types == ["SessionStarted", "ReconciliationRequested", "SessionStopped", "StateDigestRecorded"]


async def test_a_task_that_ignores_its_cancellation_is_named_and_the_session_ends(bench: LiveBench) -> None:
    task = StubbornTask()
    tasks = [BackgroundTask("stubborn", task.run)]
    async with bench.living(tasks=tasks, options=LiveOptions(stop_within_s=2)) as life:
        bench.stop.ask("SIGTERM")
        await bench.time.passes(2)
        assert (await life).abandoned == ("stubborn",)
    assert bench.log.types[-2:] == ["SessionStopped", "StateDigestRecorded"]
    task.give_in()
    await bench.time.rests()


# --- when it cannot go on


async def test_a_log_that_refuses_ends_the_session_and_nothing_is_sent(
    bench: LiveBench, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench.living(puppet(buy=100)) as life:
        await bench.send(InstrumentUpdated(1, instrument()))
        await bench.time.passes(1)
        bench.log.refusals = 1_000
        await bench.send(quote(100, seq=2))
        with pytest.raises(LogRefusedError, match="the disk is full"):
            await life
    assert bench.broker.of(OrderRequested) == []
    assert bench.log.types[-1] == "InstrumentUpdated"
    assert caplog.records[-1].getMessage() == "the bot stopped: the disk is full"


async def test_a_log_that_refuses_the_last_events_is_no_good_end(bench: LiveBench) -> None:
    async with bench.living() as life:
        await bench.time.passes(1)
        bench.log.refusals = 1_000
        bench.stop.ask("SIGTERM")
        await bench.time.rests()
        with pytest.raises(LogRefusedError):
            await life
    assert "SessionStopped" not in bench.log.types


async def test_a_lease_that_was_taken_ends_the_session() -> None:
    bench = LiveBench()

    def taken() -> None:
        raise LogRefusedError("another holds it")

    life = asyncio.create_task(
        run_live(
            bench.bot,
            bench.feed,
            bench.clock,
            settings(),
            bench.stop,
            keep_lease=taken,
            waiting=Waiting(bench.time.sleep, bench.time.sleep, bench.time.monotonic_ns),
        )
    )
    await bench.time.passes(1)
    with pytest.raises(LogRefusedError, match="another holds it"):
        await life
    assert bench.events(SessionStarted)[0].tasks == (*OWN_TASKS, "lease")
    assert "SessionStopped" not in bench.log.types


async def test_a_turn_that_fails_ends_the_session_and_leaves_no_trace_of_itself(bench: LiveBench) -> None:
    async def breaks() -> None:
        raise KeyError("a bug in the adapter")

    bench.broker.before_order = breaks
    async with bench.living(puppet(buy=100)) as life:
        await bench.send(InstrumentUpdated(1, instrument()), quote(100, seq=2), quote(99, seq=3))
        with pytest.raises(TurnFailedError, match=r"a turn failed \(KeyError: 'a bug in the adapter'\): start again"):
            await life
    assert bench.log.types[-1] == "OrderRequested"


# --- health


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_the_health_file_says_how_the_bot_is(tmp_path: Path) -> None:
    bench, path = LiveBench(), tmp_path / "health.json"

    async def crash() -> None:
        if bench.time.monotonic < SECOND_NS:
            raise ValueError("once")
        await asyncio.Event().wait()

    tasks = [BackgroundTask("scribe", crash)]
    async with bench.living(options=LiveOptions(health_path=path, health_every_s=2), tasks=tasks):
        await bench.send(quote(99, seq=1))
        await bench.time.passes(3)
        told = json.loads(path.read_bytes())
        assert (told["at_ns"], told["session"], told["mode"], told["stopped"]) == (
            START_NS + 2 * SECOND_NS,
            1,
            "normal",
            "",
        )
        assert (told["version"], told["last_event_at_ns"]) == (bench.bot.state.version, START_NS)
        assert list(told["tasks"]) == [*OWN_TASKS, "health", "scribe"]
        assert told["tasks"]["flush"] == {
            "last_run_ms_ago": 1_000,
            "runs": 2,
            "crashes": 0,
            "running": False,
            "ended": False,
        }
        assert told["tasks"]["scribe"] == {
            "last_run_ms_ago": 1_000,
            "runs": 2,
            "crashes": 1,
            "running": True,
            "ended": False,
        }
    told = json.loads(path.read_bytes())
    assert told["stopped"] == "the test is over"
    assert all(task["ended"] for task in told["tasks"].values())
    assert files_in(tmp_path) == ["health.json"]


async def test_a_health_file_that_cannot_be_written_does_not_stop_the_bot(tmp_path: Path) -> None:
    bench = LiveBench()
    async with bench.living(options=LiveOptions(health_path=tmp_path / "nowhere" / "health.json")):
        await bench.send(quote(99, seq=1))
    assert [crash.task for crash in bench.events(TaskCrashed)] == ["health"]
    assert bench.log.types[-2:] == ["SessionStopped", "StateDigestRecorded"]
