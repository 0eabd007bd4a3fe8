"""What every venue keeps: its feed is in order, without gaps, and comes again to a bot that was away."""

from collections.abc import Sequence
from typing import Any

from perptape.core.events import CancelRequested, Observation, OrderAccepted, OrderCanceled, OrderFilled
from perptape.core.events.reason import Reason
from tests.core.edge.simulation.exchange.desk import as_bytes, limit, order
from tests.core.edge.venue.benches import Bench, OpenBench, Terms
from tests.core.edge.venue.questions import report


async def traded(bench: Bench) -> list[Observation]:
    """A session with a fill, a working order and its end: everything the feed says."""
    heard = await bench.passes(1)
    await bench.broker.call(order("a", "buy", "0.02"))
    heard += await bench.passes(2)
    await bench.broker.call(limit("b", "buy", "0.02", 49_000))
    heard += await bench.passes(2)
    await bench.broker.call(CancelRequested("b", Reason("bot_halted")))
    return heard + await bench.passes(2)


def private(messages: Sequence[Observation]) -> list[Any]:
    """Reports of the bot's own orders."""
    return [message for message in messages if isinstance(message, (OrderAccepted, OrderFilled, OrderCanceled))]


async def test_messages_are_numbered_from_one_without_a_gap(open_bench: OpenBench) -> None:
    numbers = [getattr(message, "seq", None) for message in await traded(open_bench(Terms()))]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_reports_come_in_the_order_in_which_things_happened_and_not_before(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    times = [message.venue_at_ns for message in private(await traded(bench)) if not isinstance(message, OrderCanceled)]
    assert times == sorted(times)
    assert times[-1] <= bench.now_ns()


async def test_while_no_time_passes_nothing_more_is_heard(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    assert len(await bench.passes(3)) > 3
    assert await bench.passes(0) == []


async def test_what_the_bot_had_not_kept_comes_again_as_it_was(open_bench: OpenBench) -> None:
    whole = private(await traded(open_bench(Terms())))
    for kept in [0, *(message.seq for message in whole)]:
        bench = open_bench(Terms())
        await traded(bench)
        again = await bench.returns(kept)
        assert as_bytes(private(again)) == as_bytes([message for message in whole if message.seq > kept])
        assert all(getattr(message, "seq", 0) > kept for message in again)


async def test_the_account_is_the_same_after_the_bot_was_away(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await traded(bench)
    before = await report(bench)
    await bench.returns(0)
    assert await report(bench) == before
