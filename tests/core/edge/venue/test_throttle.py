"""A budget in front of any venue: what would pass it is not made, and everybody waits when the venue says so."""

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.edge.simulation.exchange import FaultRule
from perptape.core.edge.venue.budget import Budget
from perptape.core.edge.venue.throttle import ThrottledBroker
from perptape.core.events import (
    CallKind,
    CallThrottled,
    CancelRequested,
    ConnectionRestored,
    OrderLookupRequested,
    OrderSubmissionFailed,
    ReconciliationRequested,
    ReconnectRequested,
    VenueRequest,
)
from perptape.core.events.reason import Reason
from perptape.replays.evidence.venue_call import VenueCall
from perptape.replays.scenarios.runner.probes import WatchedBroker
from tests.core.edge.simulation.exchange.desk import order
from tests.core.edge.venue.benches import OpenBench, Terms

CALLS: list[tuple[VenueRequest, CallKind, str]] = [
    (order("b"), "submit", "b"),
    (CancelRequested("a", Reason("bot_halted")), "cancel", "a"),
    (OrderLookupRequested("a", 1), "look_up", "a"),
    (ReconciliationRequested("reconciliation-1", 0, Reason("scheduled")), "report_account", "reconciliation-1"),
]


@pytest.mark.parametrize(("request_", "kind", "key"), CALLS, ids=[kind for _, kind, _ in CALLS])
async def test_a_call_above_the_budget_is_not_made_before_its_time(
    open_bench: OpenBench, request_: VenueRequest, kind: CallKind, key: str
) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    calls: list[VenueCall] = []
    throttled = ThrottledBroker(WatchedBroker(bench.broker, calls, bench.now_ns), Budget(1, 1), bench.now_ns)
    await throttled.call(order("a"))
    assert await throttled.call(request_) == (CallThrottled(kind, key, SECOND_NS),)
    await bench.passes(0.5)
    assert await throttled.call(request_) == (CallThrottled(kind, key, SECOND_NS // 2),)
    assert [(call.kind, call.key) for call in calls] == [("submit", "a")]
    await bench.passes(0.5)
    await throttled.call(request_)
    assert [(call.kind, call.key) for call in calls] == [("submit", "a"), (kind, key)]


async def test_one_reconciliation_takes_the_place_of_another(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    throttled = ThrottledBroker(bench.broker, Budget(1, 1), bench.now_ns)
    await throttled.call(order("a"))
    for number in (1, 2):
        request = ReconciliationRequested(f"reconciliation-{number}", 0, Reason("scheduled"))
        held = CallThrottled("report_account", f"reconciliation-{number}", SECOND_NS)
        assert await throttled.call(request) == (held,)


async def test_connecting_is_not_counted(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    throttled = ThrottledBroker(bench.broker, Budget(1, 1), bench.now_ns)
    await throttled.call(order("a"))
    for _ in range(3):
        assert await throttled.call(ReconnectRequested("private", 1)) == (ConnectionRestored("private"),)


async def test_when_the_venue_finds_it_too_much_everybody_waits_as_long_as_it_says(open_bench: OpenBench) -> None:
    bench = open_bench(Terms(faults=(FaultRule("submit", "refuse_rate_limit", retry_after_ms=1_500),)))
    await bench.passes(1)
    throttled = ThrottledBroker(bench.broker, Budget(1_000, 1_000), bench.now_ns)
    [failed] = await throttled.call(order("a"))
    assert isinstance(failed, OrderSubmissionFailed)
    [held] = await throttled.call(CancelRequested("a", Reason("bot_halted")))
    assert held == CallThrottled("cancel", "a", 1_500_000_000)
    await bench.passes(1.5)
    [answer] = await throttled.call(CancelRequested("a", Reason("bot_halted")))
    assert not isinstance(answer, CallThrottled)
