"""What every venue keeps: orders and cancels, and what becomes of them."""

from decimal import Decimal

import pytest

from perptape.core.edge.simulation.exchange import FaultRule
from perptape.core.edge.venue.throttle import RATE_LIMITED
from perptape.core.events import (
    CancelAccepted,
    CancelRejected,
    CancelRequested,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmissionFailed,
)
from perptape.core.events.reason import Reason
from tests.core.edge.simulation.exchange.desk import BTC, limit, only, order
from tests.core.edge.venue.benches import OpenBench, Terms
from tests.core.edge.venue.questions import ask, look_up, report

SIZE = Decimal("0.02")


async def test_an_order_is_accepted_once_as_it_was_asked_for(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    asked = limit("a", "buy", SIZE, 49_000)
    [accepted] = only(await ask(bench, asked), OrderAccepted)
    echo = accepted.client_order_id, accepted.symbol, accepted.side, accepted.order_type, accepted.size
    assert echo == ("a", BTC, "buy", "limit", SIZE)
    assert accepted.limit_price == asked.limit_price
    assert accepted.venue_order_id


async def test_a_call_happens_at_the_time_of_the_bot_and_not_at_that_of_the_last_message(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1.75)
    called_ns = bench.now_ns()
    [accepted] = only(await ask(bench, limit("a", "buy", SIZE, 49_000)), OrderAccepted)
    assert called_ns <= accepted.venue_at_ns <= bench.now_ns()


async def test_fills_come_by_the_feed_after_the_acceptance_and_name_its_order(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    answers = await bench.broker.call(order("a", "buy", SIZE))
    assert only(answers, OrderFilled) == []
    heard = [*answers, *await bench.passes(2)]
    [accepted], fills = only(heard, OrderAccepted), only(heard, OrderFilled)
    assert sum(fill.size for fill in fills) == SIZE
    assert {(fill.client_order_id, fill.venue_order_id) for fill in fills} == {("a", accepted.venue_order_id)}
    assert len({fill.fill_id for fill in fills}) == len(fills)
    assert all(heard.index(accepted) < heard.index(fill) for fill in fills)


async def test_an_order_that_cannot_be_paid_for_is_rejected_and_is_not_there(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    heard = await ask(bench, order("a", "buy", "1000"))
    [rejected] = only(heard, OrderRejected)
    assert (rejected.client_order_id, bool(rejected.code), bool(rejected.reason)) == ("a", True, True)
    assert only(heard, OrderAccepted) == []
    assert not (await look_up(bench, "a")).found
    assert (await report(bench)).orders == ()


async def test_a_canceled_order_ends_by_the_feed_and_once(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    await ask(bench, limit("a", "buy", SIZE, 49_000))
    answers = await bench.broker.call(CancelRequested("a", Reason("bot_halted")))
    assert answers == (CancelAccepted("a"),)
    [ended] = only(await bench.passes(2), OrderCanceled)
    assert (ended.client_order_id, ended.filled_size) == ("a", Decimal(0))
    assert (await report(bench)).orders == ()
    again = await ask(bench, CancelRequested("a", Reason("bot_halted")))
    assert only(again, OrderCanceled) == []
    assert [rejected.client_order_id for rejected in only(again, CancelRejected)] == ["a"]


async def test_a_cancel_of_what_is_not_there_is_rejected(open_bench: OpenBench) -> None:
    bench = open_bench(Terms())
    await bench.passes(1)
    [rejected] = await bench.broker.call(CancelRequested("nobody", Reason("bot_halted")))
    assert isinstance(rejected, CancelRejected)
    assert (rejected.client_order_id, bool(rejected.code)) == ("nobody", True)


async def test_a_repeated_client_order_id_is_the_same_order_where_that_is_promised(open_bench: OpenBench) -> None:
    bench = open_bench(Terms(idempotent_client_ids=True))
    assert bench.broker.traits.idempotent_client_ids
    await bench.passes(1)
    heard = [*await ask(bench, order("a", "buy", SIZE)), *await ask(bench, order("a", "buy", SIZE))]
    assert len({accepted.venue_order_id for accepted in only(heard, OrderAccepted)}) == 1
    assert only(heard, OrderRejected) == []
    assert sum(fill.size for fill in only(heard, OrderFilled)) == SIZE


async def test_where_it_is_not_promised_the_first_order_stays_as_it_is(open_bench: OpenBench) -> None:
    bench = open_bench(Terms(idempotent_client_ids=False))
    assert not bench.broker.traits.idempotent_client_ids
    await bench.passes(1)
    [first] = only(await ask(bench, order("a", "buy", SIZE)), OrderAccepted)
    again = await ask(bench, order("a", "buy", SIZE))
    assert first.venue_order_id not in {accepted.venue_order_id for accepted in only(again, OrderAccepted)}
    assert len([*only(again, OrderAccepted), *only(again, OrderRejected)]) == 1
    assert (await look_up(bench, "a")).filled_size == SIZE


@pytest.mark.parametrize(("effect", "acted_upon"), [("lose_answer", True), ("lose_request", False)])
async def test_an_order_without_an_answer_is_in_doubt_until_it_is_looked_up(
    open_bench: OpenBench, effect: str, acted_upon: bool
) -> None:
    rule = FaultRule("submit", effect)  # type: ignore[arg-type]
    bench = open_bench(Terms(faults=(rule,)))
    await bench.passes(1)
    [unknown] = await bench.broker.call(order("a", "buy", SIZE))
    assert isinstance(unknown, OrderOutcomeUnknown)
    assert unknown.client_order_id == "a"
    await bench.passes(2)
    assert (await look_up(bench, "a")).found == acted_upon
    assert bool((await report(bench)).positions) == acted_upon


async def test_an_order_that_comes_too_fast_has_not_been_made_and_may_be_again(open_bench: OpenBench) -> None:
    bench = open_bench(Terms(faults=(FaultRule("submit", "refuse_rate_limit", retry_after_ms=1_500),)))
    await bench.passes(1)
    [failed] = await bench.broker.call(order("a", "buy", SIZE))
    assert isinstance(failed, OrderSubmissionFailed)
    assert (failed.code, failed.retryable, failed.retry_after_ns) == (RATE_LIMITED, True, 1_500_000_000)
    await bench.passes(2)
    assert not (await look_up(bench, "a")).found
    assert sum(fill.size for fill in only(await ask(bench, order("a", "buy", SIZE)), OrderFilled)) == SIZE
