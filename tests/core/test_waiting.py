"""The next timer is the one that is due first, symbols going stale among them; ties are settled by id."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from perptape.core.durations import SECOND_NS
from perptape.core.events.reason import Reason
from perptape.core.market import Market
from perptape.core.state import State, Trip
from perptape.core.timer_id import CYCLE, RECONCILE, timer_id
from perptape.core.waiting import NEVER_NS, cycle_due_ns, next_timer, stale_due_ns
from tests.core.builders import BTC, ETH, NOW_NS, limits, market, state

STALE_AT_NS = NOW_NS + 30 * SECOND_NS


def silent(*markets: Market) -> State:
    """A state with timers of its own only: no market that can go stale."""
    quiet = state(*markets)
    for each in quiet.markets.values():
        each.followed = False
    return quiet


def tripped_stale(symbol: str) -> dict[str, Trip]:
    trip = Trip(guard="staleness", symbol=symbol, mode="normal", at_ns=NOW_NS, day_end_ns=0, reason=Reason("no_price"))
    return {f"staleness:{symbol}": trip}


def test_a_symbol_goes_stale_a_limit_after_its_last_price() -> None:
    listening = state(guards=limits(staleness_s=7))
    assert stale_due_ns(listening, listening.markets[BTC]) == NOW_NS + 7 * SECOND_NS


def test_a_symbol_that_is_not_followed_never_goes_stale() -> None:
    quiet = silent()
    assert stale_due_ns(quiet, quiet.markets[BTC]) == NEVER_NS


def test_a_symbol_without_a_first_price_does_not_go_stale() -> None:
    unheard = state(Market(symbol=BTC))
    assert stale_due_ns(unheard, unheard.markets[BTC]) == NEVER_NS


def test_a_symbol_that_is_stale_does_not_go_stale_again_and_others_still_do() -> None:
    listening = state(market(), market(ETH, 50))
    listening.tripped = tripped_stale(BTC)
    assert stale_due_ns(listening, listening.markets[BTC]) == NEVER_NS
    assert stale_due_ns(listening, listening.markets[ETH]) == STALE_AT_NS


def cycling(*heard: int, every_s: int = 60) -> State:
    """A bot that heard these prices, a market each, and has had no cycle yet."""
    symbols = ("BTC-PERP", "ETH-PERP", "SOL-PERP")
    waiting = state(*map(market, symbols[: len(heard)]))
    for each, heard_at_ns in zip(waiting.markets.values(), heard, strict=True):
        each.heard_at_ns = heard_at_ns
    waiting.settings = replace(waiting.settings, cycle_s=every_s)
    return waiting


@pytest.mark.parametrize(
    ("heard_s", "due_s"), [("60", 120), ("60.000000001", 120), ("119.999999999", 120), ("0.000000001", 60)]
)
def test_the_next_cycle_comes_at_the_first_whole_multiple_after_a_price(heard_s: str, due_s: int) -> None:
    heard_at_ns = int(Decimal(heard_s) * SECOND_NS)
    assert cycle_due_ns(cycling(heard_at_ns)) == due_s * SECOND_NS


def test_the_newest_price_of_any_followed_symbol_counts_for_the_cycle() -> None:
    waiting = cycling(10 * SECOND_NS, 70 * SECOND_NS, 500 * SECOND_NS)
    waiting.markets["SOL-PERP"].followed = False
    assert cycle_due_ns(waiting) == 120 * SECOND_NS


def test_a_cycle_is_as_long_as_the_settings_say() -> None:
    assert cycle_due_ns(cycling(10 * SECOND_NS, every_s=7)) == 14 * SECOND_NS


@pytest.mark.parametrize(("cycled_ns", "waits"), [(-1, True), (0, True), (1, False)])
def test_after_a_cycle_the_next_waits_for_a_price_that_is_no_older(cycled_ns: int, waits: bool) -> None:
    waiting = cycling(10 * SECOND_NS)
    waiting.cycled_at_ns = 10 * SECOND_NS + cycled_ns
    assert (cycle_due_ns(waiting) != NEVER_NS) == waits


@pytest.mark.parametrize("unheard", [cycling(0), silent()], ids=["not heard", "not followed"])
def test_without_a_followed_price_there_is_no_cycle(unheard: State) -> None:
    assert cycle_due_ns(unheard) == NEVER_NS


def test_the_cycle_is_a_timer_like_any_other() -> None:
    waiting = cycling(100 * SECOND_NS)
    assert next_timer(waiting) == (120 * SECOND_NS, CYCLE)
    waiting.timers = {RECONCILE: 119 * SECOND_NS}
    assert next_timer(waiting) == (119 * SECOND_NS, RECONCILE)


def test_timers_that_follow_from_prices_are_named_thus() -> None:
    assert (CYCLE, RECONCILE, timer_id("stale", BTC), NEVER_NS) == ("cycle", "reconcile", f"stale:{BTC}", 2**63)


def test_when_nothing_waits_there_is_no_next_timer() -> None:
    assert next_timer(silent()) == (NEVER_NS, "")


def test_the_timer_that_is_due_first_is_next() -> None:
    waiting = silent()
    waiting.timers = {CYCLE: NOW_NS + 2, RECONCILE: NOW_NS + 1, "retry:order-1": NOW_NS + 3}
    assert next_timer(waiting) == (NOW_NS + 1, RECONCILE)


@pytest.mark.parametrize("names", [(CYCLE, RECONCILE), (RECONCILE, CYCLE)])
def test_timers_due_together_fire_by_id_however_they_were_set(names: tuple[str, ...]) -> None:
    waiting = silent()
    waiting.timers = dict.fromkeys(names, NOW_NS)
    assert next_timer(waiting) == (NOW_NS, CYCLE)


@pytest.mark.parametrize(
    ("timer_id", "due_ns", "first"),
    [
        (CYCLE, STALE_AT_NS - 1, CYCLE),
        (CYCLE, STALE_AT_NS, CYCLE),
        (CYCLE, STALE_AT_NS + 1, timer_id("stale", BTC)),
        ("z", STALE_AT_NS, timer_id("stale", BTC)),
    ],
)
def test_going_stale_is_a_timer_like_any_other(timer_id: str, due_ns: int, first: str) -> None:
    waiting = state()
    waiting.timers = {timer_id: due_ns}
    assert next_timer(waiting) == (min(due_ns, STALE_AT_NS), first)


@pytest.mark.parametrize("symbols", [(BTC, ETH), (ETH, BTC)])
def test_symbols_that_go_stale_together_do_so_by_name(symbols: tuple[str, ...]) -> None:
    assert next_timer(state(*map(market, symbols))) == (STALE_AT_NS, timer_id("stale", BTC))


def test_the_symbol_that_was_silent_longest_goes_stale_first() -> None:
    waiting = state(market(), market(ETH, 50))
    waiting.markets[ETH].heard_at_ns -= 1
    assert next_timer(waiting) == (STALE_AT_NS - 1, timer_id("stale", ETH))


TIMERS = st.dictionaries(st.sampled_from([CYCLE, RECONCILE, "errors", "zeta"]), st.integers(0, 4))


@given(TIMERS, st.integers(1, 4))
def test_nothing_that_waits_is_due_before_the_next_timer(timers: dict[str, int], heard_at_ns: int) -> None:
    waiting = state(Market(symbol=BTC, heard_at_ns=heard_at_ns, price=Decimal(1)), guards=limits(staleness_s=0))
    waiting.timers = timers
    everything = [(due_ns, timer_id) for timer_id, due_ns in timers.items()] + [(heard_at_ns, timer_id("stale", BTC))]
    assert next_timer(waiting) == min(everything)
