"""What is compared of a decision: codes and numbers, never sentences, and everything else of an earlier schema."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from perptape.core.codec import decode_data, encode_data
from perptape.core.comparison import is_same
from perptape.core.events import AlertRaised, OrderBlocked, SignalGenerated, TimerSet
from perptape.core.events.reason import Reason, venue_says

SIGNAL = SignalGenerated("trend", "BTC-PERP", "buy", Decimal(1), Decimal("99.50"), "it rises")
TIMER = TimerSet("retry:order-1", 7, venue_says("429"))
BLOCKED = OrderBlocked(
    "trend", "BTC-PERP", "buy", Decimal(1), Decimal(99), "daily_loss", Decimal(9), Decimal(8), Reason("above_limit")
)
ALERT = AlertRaised("alert-1", "warning", "drift", "", 0, Reason("differences_repaired", {"cash": Decimal(1)}))


def test_a_strategys_own_words_are_not_compared_and_its_numbers_are() -> None:
    assert is_same(SIGNAL, 1, replace(SIGNAL, reason="up it goes"))
    assert not is_same(SIGNAL, 1, replace(SIGNAL, action="sell"))
    assert not is_same(SIGNAL, 1, replace(SIGNAL, price=Decimal("99.5")))


@pytest.mark.parametrize("schema", [1, 2])
@pytest.mark.parametrize(
    "other", [replace(TIMER, reason=Reason("no_connection")), replace(TIMER, reason=venue_says("430"))]
)
def test_codes_facts_and_outside_texts_are_compared_from_schema_2_on(schema: int, other: TimerSet) -> None:
    assert is_same(TIMER, schema, other) == (schema == 1)


@pytest.mark.parametrize("schema", [1, 2])
@pytest.mark.parametrize(
    "other", [replace(BLOCKED, guard="drawdown"), replace(BLOCKED, measured=Decimal(10)), replace(BLOCKED, strategy="")]
)
def test_everything_else_is_compared_in_every_schema(schema: int, other: OrderBlocked) -> None:
    assert is_same(BLOCKED, schema, BLOCKED)
    assert not is_same(BLOCKED, schema, other)


def test_another_type_is_never_the_same() -> None:
    assert not is_same(TIMER, 1, SIGNAL)


@pytest.mark.parametrize(
    ("decision", "recorded"),
    [
        (TIMER, b'{"timer_id":"retry:order-1","due_at_ns":7,"reason":"RATE_LIMIT"}'),
        (ALERT, b'{"alert_id":"alert-1","severity":"warning","title":"state and venue differed","message":""}'),
    ],
)
def test_a_sentence_of_schema_1_is_kept_and_not_compared(decision: Any, recorded: bytes) -> None:
    kept = decode_data(type(decision).__name__, 1, recorded)
    assert kept.reason.code == "recorded"
    assert kept.reason.text == "RATE_LIMIT" or kept.reason.names == {"title": "state and venue differed"}
    assert is_same(kept, 1, decision)
    assert not is_same(kept, 2, decision)
    assert decode_data(type(decision).__name__, 2, encode_data(kept)) == kept
