"""Expectations have the names of their checks, say what was found, and fail where they stumble."""

from decimal import Decimal
from pathlib import Path

import pytest

from perptape.core.config import register_strategies
from perptape.core.events import OrderBlocked, OrderFilled, OrderRequested
from perptape.core.strategies import STRATEGIES
from perptape.replays.evidence.expectation import shown
from perptape.replays.scenarios import (
    BTC,
    Expectation,
    Run,
    UnmetError,
    canary,
    play,
    require,
    require_equal,
    strategy,
    unmet,
    verifies,
)
from perptape.replays.scenarios.describe.description import phrases
from tests.replays.scenarios.small import small


@verifies("an order is filled")
def one_order_is_filled(run: Run) -> None:
    require_equal(len(run.all(OrderFilled)), 1, "fills")


@verifies("an order is filled")
def it_is_sold(run: Run) -> None:
    require_equal(run.one(OrderRequested).side, "sell", "side")


@verifies("something else")
def it_stumbles(run: Run) -> None:
    require(run.state.positions["DOGE-PERP"], "no dogs")


@verifies("something else")
def it_raises(run: Run) -> None:
    raise RuntimeError(f"{len(run.calls)}\ncalls")


RAISING = """
from typing import Any, ClassVar
from msgspec import Struct

class Memory(Struct):
    seen: int = 0

class Raising(Struct, frozen=True):
    memory_type: ClassVar[Any] = Memory
    memory_schema: ClassVar[int] = 1
    def initial(self): return Memory()
    def update(self, memory, market): return memory
    def signals(self, memory, view): return 1 / 0
"""


def line_of(expectation: Expectation) -> int:
    """Where its one statement is, after decorator and head."""
    return expectation.check.__code__.co_firstlineno + 2


@pytest.fixture(scope="module")
def run() -> Run:
    return play(small()).run


def test_an_expectation_is_named_for_its_check() -> None:
    assert (one_order_is_filled.name, one_order_is_filled.phrase) == ("one order is filled", "an order is filled")


def test_those_that_do_not_hold_say_what_was_found(run: Run) -> None:
    assert list(unmet(run, (one_order_is_filled, it_is_sold, it_stumbles, it_raises))) == [
        "not met: it is sold: side: expected 'sell', found 'buy'",
        f"not met: it stumbles: KeyError: 'DOGE-PERP' (test_expectation.py, line {line_of(it_stumbles)})",
        f"not met: it raises: RuntimeError: 2 calls (test_expectation.py, line {line_of(it_raises)})",
    ]


def test_a_strategy_that_raised_is_named_beside_what_it_left_unmet(tmp_path: Path) -> None:
    (tmp_path / "raising.py").write_text(RAISING, encoding="utf-8")
    settings = canary(strategy("raising", "raising.py:Raising", trigger="quote"))
    register_strategies(settings, tmp_path, STRATEGIES)
    run = play(small(trading=settings)).run
    assert list(unmet(run, (one_order_is_filled,))) == [
        "not met: one order is filled: fills: expected 1, found 0",
        "raising raised: ZeroDivisionError: division by zero",
    ]
    assert list(unmet(run, ())) == []


def test_expectations_are_grouped_by_phrase() -> None:
    first, second = phrases((one_order_is_filled, it_stumbles, it_is_sold))
    assert (first.phrase, first.expectations) == ("an order is filled", ("one order is filled", "it is sold"))
    assert second.expectations == ("it stumbles",)


def test_what_holds_is_not_complained_about() -> None:
    require([1], "nothing there")
    require_equal(Decimal("1.0"), 1, "one")


def test_values_are_shown_in_plain_notation() -> None:
    assert shown([Decimal("1E+3"), "x", (Decimal(2),)]) == "[1000, 'x', [2]]"


def test_one_says_how_many_there_are_and_where(run: Run) -> None:
    with pytest.raises(UnmetError, match=r"expected one OrderFilled \(symbol 'ETH-PERP'\), found 0"):
        run.one(OrderFilled, symbol="ETH-PERP")
    with pytest.raises(UnmetError, match=r"expected no OrderRequested, found 1; version \d+ at 10 s"):
        run.none(OrderRequested)
    with pytest.raises(UnmetError, match="expected OrderBlocked, found none"):
        run.first(OrderBlocked)


def test_events_are_found_by_time_and_field(run: Run) -> None:
    order = run.line(OrderRequested, side="buy")
    assert run.second(order.at_ns) == 10
    assert run.lines(OrderRequested, since=10, until=11) == [order]
    assert run.lines(OrderRequested, since=11) == []
    assert run.lines(OrderRequested, until=10) == []
    assert run.last(OrderRequested) == order


def test_states_on_the_way_can_be_asked_for(run: Run) -> None:
    fill = run.line(OrderFilled)
    assert run.state_at(9).positions == {}
    assert run.state_after(fill.version - 1).positions == {}
    assert run.state_after(fill.version).positions[BTC].size == fill.event.size
    assert run.position(BTC) == fill.event.size


def test_an_order_is_known_by_its_intent(run: Run) -> None:
    assert run.order(1).status == "filled"
    assert run.statuses(1)[-1] == "filled"
    assert [fill.size for fill in run.fills(1)] == [run.order(1).size]
    assert run.at_venue(1) == 1
    assert len(run.called("submit", 1)) == 1
    with pytest.raises(UnmetError, match="expected an order of intent 2, found none; intents: 1"):
        run.order(2)


def test_a_sleeve_is_known_by_its_strategy(run: Run) -> None:
    assert run.sleeve(BTC, "puppet").position.size == run.position(BTC)
    with pytest.raises(UnmetError, match=f"expected a sleeve of nobody in {BTC}, found none"):
        run.sleeve(BTC, "nobody")


def test_the_bot_and_the_venue_are_held_against_each_other() -> None:
    run = play(small()).run
    run.agrees_with_venue()
    del run.venue.account.holdings[BTC]
    with pytest.raises(UnmetError, match=r"positions: the venue holds \{\}, the bot"):
        run.agrees_with_venue()
