"""Faults by script."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from perptape.core.edge.simulation.exchange import FaultRule, ScriptedFaults
from perptape.core.edge.simulation.exchange.journal import MemoryJournal
from perptape.core.events import (
    AccountQueryFailed,
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    Observation,
    OrderAccepted,
    OrderFilled,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmissionFailed,
    ReconciliationRequested,
)
from perptape.core.events.reason import Reason
from tests.core.edge.simulation.exchange.desk import (
    as_bytes,
    limit,
    look_up,
    only,
    open_exchange,
    order,
    prices,
    submit,
    take_due,
)

D = Decimal


def rules(*given: FaultRule) -> dict[str, tuple[FaultRule, ...]]:
    return {"faults": given}


async def test_a_rate_limit_can_be_tried_again_and_gives_one_order() -> None:
    fault = FaultRule("submit", "refuse_rate_limit", nth=1, times=3, retry_after_ms=2_000)
    exchange = open_exchange(prices(50_000), rules(fault))
    take_due(exchange)
    for _ in range(3):
        answer = await submit(exchange, order("a"))
        assert isinstance(answer, OrderSubmissionFailed)
        assert (answer.code, answer.retryable, answer.retry_after_ns) == ("RATE_LIMIT_EXCEEDED", True, 2_000_000_000)
    assert isinstance(await submit(exchange, order("a")), OrderAccepted)
    assert len(only(take_due(exchange), OrderFilled)) == 1


async def test_a_lost_request_never_existed_and_a_lost_answer_did() -> None:
    exchange = open_exchange(
        prices(50_000), rules(FaultRule("submit", "lose_request"), FaultRule("submit", "lose_answer", nth=2))
    )
    take_due(exchange)
    assert isinstance(await submit(exchange, order("a")), OrderOutcomeUnknown)
    assert not (await look_up(exchange, "a")).found
    assert isinstance(await submit(exchange, order("b")), OrderOutcomeUnknown)
    assert (await look_up(exchange, "b")).status == "filled"
    assert [fill.client_order_id for fill in only(take_due(exchange), OrderFilled)] == ["b"]


async def test_a_refusal_and_a_rejection_carry_the_code_of_the_script() -> None:
    exchange = open_exchange(
        prices(50_000),
        rules(FaultRule("submit", "refuse", code="UNAUTHORIZED"), FaultRule("submit", "reject", nth=2, code="NO")),
    )
    take_due(exchange)
    refused = await submit(exchange, order("a"))
    assert isinstance(refused, OrderSubmissionFailed)
    assert (refused.code, refused.retryable) == ("UNAUTHORIZED", False)
    rejected = await submit(exchange, order("a"))
    assert isinstance(rejected, OrderRejected)
    assert rejected.code == "NO"
    assert take_due(exchange) == []


async def test_an_order_can_be_rejected_after_it_was_accepted() -> None:
    fault = FaultRule("submit", "accept_then_reject", code="INVALID_LIMIT_PRICE_POST_ONLY")
    exchange = open_exchange(prices(50_000), rules(fault))
    take_due(exchange)
    assert isinstance(await submit(exchange, limit("a", "buy", "0.02", 49_000, post_only=True)), OrderAccepted)
    [rejected] = take_due(exchange)
    assert isinstance(rejected, OrderRejected)
    assert (rejected.seq, rejected.code) == (4, "INVALID_LIMIT_PRICE_POST_ONLY")
    assert (await look_up(exchange, "a")).status == "rejected"


async def test_a_repeated_order_is_left_alone_even_by_a_fault() -> None:
    exchange = open_exchange(prices(50_000), rules(FaultRule("submit", "accept_then_reject", nth=2)))
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 49_000))
    await submit(exchange, limit("a", "buy", "0.02", 49_000))
    assert (await look_up(exchange, "a")).status == "open"


async def test_cancels_lookups_and_account_queries_fail_too() -> None:
    exchange = open_exchange(
        prices(50_000),
        rules(
            FaultRule("cancel", "lose_answer"),
            FaultRule("cancel", "refuse_rate_limit", nth=2),
            FaultRule("look_up", "lose_answer"),
            FaultRule("report_account", "refuse_rate_limit"),
        ),
    )
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 49_000))
    cancel = CancelRequested("a", Reason("bot_halted"))
    answers: list[Observation] = []
    answers += await exchange.call(cancel)
    answers += await exchange.call(cancel)
    answers += await exchange.call(OrderLookupRequested("a", 1))
    answers += await exchange.call(ReconciliationRequested("r", 0, Reason("scheduled")))
    kinds = [CancelOutcomeUnknown, CancelRejected, OrderLookupFailed, AccountQueryFailed]
    assert [type(answer) for answer in answers] == kinds
    assert (await look_up(exchange, "a")).status == "canceled"


def hits(seed: int, probability: str) -> list[int]:
    faults = ScriptedFaults((FaultRule("submit", "lose_answer", nth=11, times=0, probability=D(probability)),), seed)
    return [number for number in range(1, 1011) if faults.fault("submit", number, 0)]


def test_a_probability_is_drawn_from_the_seed_and_from_nothing_else() -> None:
    assert hits(1, "0.3") == hits(1, "0.3")
    assert hits(1, "0.3") != hits(2, "0.3")
    assert 250 < len(hits(1, "0.3")) < 350
    assert min(hits(1, "0.3")) > 10
    assert hits(1, "0") == []


def test_the_first_rule_that_concerns_a_call_decides() -> None:
    faults = ScriptedFaults((FaultRule("submit", "reject", nth=2), FaultRule("submit", "refuse", times=0)), 1)
    effects = [fault.effect if (fault := faults.fault("submit", number, 0)) else "" for number in (1, 2, 3)]
    assert effects == ["refuse", "reject", "refuse"]
    assert faults.fault("cancel", 1, 0) is None


@pytest.mark.parametrize("killed_after", range(1, 6))
async def test_a_restarted_exchange_goes_on_counting_calls(killed_after: int) -> None:
    settings = rules(
        FaultRule("submit", "lose_answer", nth=2),
        FaultRule("look_up", "lose_answer", nth=2),
    )

    async def call(number: int, answers: list[Observation]) -> None:
        if number % 2:
            answers += await exchange.call(order(f"order-{number}"))
        else:
            answers += await exchange.call(OrderLookupRequested(f"order-{number - 1}", 1))

    whole: list[Observation] = []
    exchange = open_exchange(prices(50_000), settings)
    take_due(exchange)
    for number in range(1, 7):
        await call(number, whole)

    pieces: list[Observation] = []
    journal = MemoryJournal()
    exchange = open_exchange(prices(50_000), settings, journal=journal)
    take_due(exchange)
    for number in range(1, 7):
        await call(number, pieces)
        if number == killed_after:
            exchange = open_exchange(prices(50_000), settings, journal=journal)
            exchange.resume(3)
    assert as_bytes(pieces) == as_bytes(whole)
    assert kinds(whole) == [
        OrderAccepted,
        OrderLookedUp,
        OrderOutcomeUnknown,
        OrderLookupFailed,
        OrderAccepted,
        OrderLookedUp,
    ]


def kinds(messages: Sequence[Observation]) -> list[type[Observation]]:
    return [type(message) for message in messages]
