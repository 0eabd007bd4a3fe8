"""What every venue keeps: what it is asked is answered as it is, and asking changes nothing."""

from decimal import Decimal
from typing import get_args

import pytest
from msgspec.structs import replace

from perptape.core.durations import SECOND_NS
from perptape.core.edge.simulation.exchange import FaultRule
from perptape.core.edge.simulation.exchange.fault_rule import FaultEffect
from perptape.core.events import (
    CallKind,
    CancelRequested,
    Channel,
    ConnectionRestored,
    OrderFilled,
    OrderLookedUp,
    OrderLookupRequested,
    ReconciliationRequested,
    ReconnectRequested,
    VenueRequest,
)
from perptape.core.events.reason import Reason
from tests.core.edge.simulation.exchange.desk import BTC, limit, only, order
from tests.core.edge.venue.benches import OpenBench, Terms
from tests.core.edge.venue.questions import FITTING, ask, look_up, report, unfitting
from tests.core.fakes import ScriptedBroker

SIZE = Decimal("0.02")
CHANNELS: tuple[Channel, ...] = get_args(Channel)
REQUESTS: tuple[VenueRequest, ...] = (
    order("a", "buy", SIZE),
    CancelRequested("a", Reason("bot_halted")),
    OrderLookupRequested("a", 1),
    ReconciliationRequested("reconciliation-1", 0, Reason("scheduled")),
    ReconnectRequested("market", 1),
)
FAULTS = [
    FaultRule(call, effect, times=0, mangle="html" if effect == "mangle_answer" else "")
    for effect in get_args(FaultEffect)
    for call in get_args(CallKind)
]


def test_every_request_is_asked_here() -> None:
    assert {type(request) for request in REQUESTS} == set(get_args(VenueRequest)) == set(FITTING)


@pytest.mark.parametrize("first", range(0, len(FAULTS), len(get_args(CallKind))))
async def test_whatever_goes_wrong_an_answer_is_of_the_request_and_names_it(open_bench: OpenBench, first: int) -> None:
    bench = open_bench(Terms(faults=tuple(FAULTS[first : first + len(get_args(CallKind))])))
    await bench.passes(1)
    for request in REQUESTS:
        answers = await bench.broker.call(request)
        assert [unfitting(request, answer) for answer in answers] == [""] * len(answers)
        await bench.passes(2)


@pytest.mark.parametrize("request_", REQUESTS, ids=[type(request).__name__ for request in REQUESTS])
async def test_the_broker_of_other_tests_answers_as_venues_do(request_: VenueRequest) -> None:
    answers = await ScriptedBroker().call(replace(request_))
    assert [unfitting(request_, answer) for answer in answers] == [""] * len(answers)


async def test_an_order_is_found_with_its_terms_and_fills(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    fills = only(await ask(bench, order("a", "buy", SIZE)), OrderFilled)
    found = await look_up(bench, "a")
    assert (found.found, found.status, found.symbol, found.side) == (True, "filled", BTC, "buy")
    assert (found.size, found.filled_size) == (SIZE, SIZE)
    assert [fill.fill_id for fill in found.fills] == [fill.fill_id for fill in fills]
    assert {found.venue_order_id} == {fill.venue_order_id for fill in fills}


async def test_an_order_that_never_was_is_not_found(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    assert replace(await look_up(bench, "nobody"), reason="") == OrderLookedUp(
        "nobody", False, "unknown", "", "", "buy", Decimal(0), Decimal(0), (), ""
    )


async def test_not_found_counts_once_the_settle_time_is_over(open_bench: OpenBench) -> None:
    bench = open_bench(Terms(settle_ms=5_000))
    settle_ns = bench.broker.traits.settle_ns
    assert settle_ns >= 5 * SECOND_NS
    await bench.passes(1)
    await bench.broker.call(limit("a", "buy", SIZE, 49_000))
    await bench.passes(settle_ns / SECOND_NS)
    assert (await look_up(bench, "a")).found


async def test_the_account_is_what_fills_and_orders_come_to(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    before = await report(bench)
    assert (before.request_id, before.positions, before.orders, before.fills) == ("reconciliation-1", (), (), ())
    fills = only(await ask(bench, order("a", "buy", SIZE)), OrderFilled)
    await ask(bench, limit("b", "buy", SIZE, 49_000))
    after = await report(bench)
    assert after.cash == before.cash - sum(fill.fee for fill in fills)
    assert after.available == after.cash - after.hold
    assert [(position.symbol, position.size) for position in after.positions] == [(BTC, SIZE)]
    assert [(working.client_order_id, working.size) for working in after.orders] == [("b", SIZE)]
    assert [fill.fill_id for fill in after.fills] == [fill.fill_id for fill in fills]


async def test_the_account_goes_back_as_far_as_it_is_asked_to(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    [old] = only(await ask(bench, order("a", "buy", SIZE)), OrderFilled)
    [new] = only(await ask(bench, order("b", "sell", SIZE)), OrderFilled)
    recent = await report(bench, since_ns=old.venue_at_ns + 1)
    assert [fill.fill_id for fill in recent.fills] == [new.fill_id]
    assert [fill.fill_id for fill in (await report(bench, since_ns=old.venue_at_ns)).fills] == [
        old.fill_id,
        new.fill_id,
    ]


async def test_asking_changes_nothing(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    await ask(bench, order("a", "buy", SIZE))
    await ask(bench, limit("b", "buy", SIZE, 49_000))
    first = await report(bench), await look_up(bench, "a"), await look_up(bench, "b")
    assert (await report(bench), await look_up(bench, "a"), await look_up(bench, "b")) == first


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_channel_is_connected_again_when_nothing_is_in_the_way(open_bench: OpenBench, channel: Channel) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    assert await bench.broker.call(ReconnectRequested(channel, 1)) == (ConnectionRestored(channel),)
