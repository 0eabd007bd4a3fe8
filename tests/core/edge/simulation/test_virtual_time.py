"""Virtual time: market and timers in one order, the same in every run."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.edge.alerts import TapeAlerts
from perptape.core.edge.market.points import BookPoint, MarketPoint
from perptape.core.edge.simulation.exchange import ExchangeSettings, SimulatedExchange
from perptape.core.edge.simulation.virtual_time import VirtualClock, run_to_end
from perptape.core.edge.storage.log import StoreLog
from perptape.core.events import TimerFired
from perptape.core.orchestrator import Orchestrator
from perptape.core.settings import TradingSettings
from perptape.eventstore.memory import MemoryStore

START_NS = 1_700_000_040 * SECOND_NS
"""A whole minute."""
STREAM = "bot"


def book(at_ns: int) -> BookPoint:
    return BookPoint(at_ns, "BTC-PERP", Decimal(99), Decimal(9), Decimal(101), Decimal(9))


async def driven(points: Iterable[MarketPoint], told: list[int] | None = None) -> list[tuple[float, str]]:
    """What lands on the tape, in order: seconds since the start, and the event's type or the timer's id."""
    path = list(points)
    store = MemoryStore()
    store.create_stream(STREAM, "nonce", b"{}")
    exchange = SimulatedExchange.open(None, lambda: iter(path), ExchangeSettings())
    clock = VirtualClock(exchange)
    bot = Orchestrator(StoreLog(store, STREAM), exchange, TapeAlerts(), clock, behaviour="test")
    clock.begin(exchange.peek_ns() or START_NS)
    await bot.start(TradingSettings(symbols=("BTC-PERP",), cycle_s=60))
    await run_to_end(bot, exchange, None if told is None else told.append)
    await bot.stop("the end")
    return [
        (
            (event.at_ns - START_NS) / SECOND_NS,
            event.data.decode().split('"')[3] if event.type == TimerFired.__name__ else event.type,
        )
        for event in store.read(STREAM)
    ]


def times_of(tape: list[tuple[float, str]], name: str) -> list[float]:
    return [second for second, kind in tape if kind == name]


async def test_time_never_goes_back_and_begins_with_the_market() -> None:
    tape = await driven(book(START_NS + second * SECOND_NS) for second in range(0, 200, 7))
    seconds = [second for second, _ in tape]
    assert seconds == sorted(seconds)
    assert (seconds[0], seconds[-1]) == (0, 196)


async def test_a_timer_fires_when_it_is_due_and_not_when_the_next_price_comes() -> None:
    tape = await driven(book(START_NS + second * SECOND_NS) for second in range(0, 200, 7))
    assert times_of(tape, "cycle") == [60, 120, 180]


async def test_at_equal_times_the_timer_comes_before_the_price() -> None:
    tape = await driven(book(START_NS + second * SECOND_NS) for second in (0, 20, 40, 60, 80))
    at_sixty = [kind for second, kind in tape if second == 60]
    assert at_sixty.index("cycle") < at_sixty.index("QuoteUpdated")


async def test_timers_that_are_due_at_once_fire_in_the_order_of_their_ids() -> None:
    tape = await driven([book(START_NS), book(START_NS + 30 * SECOND_NS), book(START_NS + 90 * SECOND_NS)])
    assert [kind for second, kind in tape if second == 60 and kind in ("cycle", "stale:BTC-PERP")] == [
        "cycle",
        "stale:BTC-PERP",
    ]


async def test_timers_after_the_last_price_do_not_fire() -> None:
    tape = await driven(book(START_NS + second * SECOND_NS) for second in (0, 25, 50))
    assert times_of(tape, "cycle") == []
    assert tape[-2] == (50, "SessionStopped")


async def test_a_market_without_a_message_ends_at_once() -> None:
    tape = await driven([])
    assert tape[-2][1] == "SessionStopped"
    assert "QuoteUpdated" not in {kind for _, kind in tape}


async def test_twice_the_same_market_is_twice_the_same_tape() -> None:
    points = [book(START_NS + second * SECOND_NS) for second in range(0, 400, 3)]
    assert await driven(points) == await driven(points)


async def test_progress_is_told_now_and_then() -> None:
    told: list[int] = []
    await driven((book(START_NS + step * SECOND_NS) for step in range(2_500)), told)
    assert len(told) == 2
    assert told == sorted(told)
    assert START_NS < told[0] < told[1] < START_NS + 2_500 * SECOND_NS


@pytest.mark.parametrize("start", [0, 1, START_NS + 5])
def test_the_clock_is_never_below_where_it_began(start: int) -> None:
    exchange = SimulatedExchange.open(None, lambda: iter([book(START_NS), book(START_NS + 9)]), ExchangeSettings())
    clock = VirtualClock(exchange)
    clock.begin(start)
    assert clock.now_ns() == max(start, START_NS)
    while exchange.peek_ns() is not None:
        exchange.take()
    assert clock.now_ns() == max(start, START_NS + 9)
