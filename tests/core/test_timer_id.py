"""A timer id says its kind and what it is about, and only the ids that are made here are understood."""

import pytest

from perptape.core.timer_id import KINDS, Timer, TimerKind, parse_timer, timer_id


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("key", ["", "BTC-PERP", "a:b"])
def test_an_id_is_read_back_as_it_was_made(kind: TimerKind, key: str) -> None:
    assert parse_timer(timer_id(kind, key)) == Timer(kind, key)


@pytest.mark.parametrize("text", ["", "later", ":BTC-PERP", "retries:order-1"])
def test_any_other_text_is_no_timer(text: str) -> None:
    assert parse_timer(text) is None
