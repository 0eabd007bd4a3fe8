"""The next timer is the one that is due first, symbols going stale among them; ties are settled by id."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market import Market
from core.state import State, Trip
from core.waiting import CYCLE, NEVER_NS, RECONCILE, STALE, next_timer, stale_due_ns
from tests.core.builders import BTC, ETH, NOW_NS, SECOND_NS, limits, market, state

STALE_AT_NS = NOW_NS + 30 * SECOND_NS


def silent(*markets: Market) -> State:
    """A state with timers of its own only: no market that can go stale."""
    quiet = state(*markets)
    for each in quiet.markets.values():
        each.followed = False
    return quiet


def tripped_stale(symbol: str) -> dict[str, Trip]:
    trip = Trip(guard="staleness", symbol=symbol, mode="normal", at_ns=NOW_NS, day_end_ns=0, reason="no price")
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
        (CYCLE, STALE_AT_NS + 1, STALE + BTC),
        ("z", STALE_AT_NS, STALE + BTC),
    ],
)
def test_going_stale_is_a_timer_like_any_other(timer_id: str, due_ns: int, first: str) -> None:
    waiting = state()
    waiting.timers = {timer_id: due_ns}
    assert next_timer(waiting) == (min(due_ns, STALE_AT_NS), first)


@pytest.mark.parametrize("symbols", [(BTC, ETH), (ETH, BTC)])
def test_symbols_that_go_stale_together_do_so_by_name(symbols: tuple[str, ...]) -> None:
    assert next_timer(state(*map(market, symbols))) == (STALE_AT_NS, STALE + BTC)


def test_the_symbol_that_was_silent_longest_goes_stale_first() -> None:
    waiting = state(market(), market(ETH, 50))
    waiting.markets[ETH].heard_at_ns -= 1
    assert next_timer(waiting) == (STALE_AT_NS - 1, STALE + ETH)


TIMERS = st.dictionaries(st.sampled_from([CYCLE, RECONCILE, "errors", "zeta"]), st.integers(0, 4))


@given(TIMERS, st.integers(1, 4))
def test_nothing_that_waits_is_due_before_the_next_timer(timers: dict[str, int], heard_at_ns: int) -> None:
    waiting = state(Market(symbol=BTC, heard_at_ns=heard_at_ns, price=Decimal(1)), guards=limits(staleness_s=0))
    waiting.timers = timers
    everything = [(due_ns, timer_id) for timer_id, due_ns in timers.items()] + [(heard_at_ns, STALE + BTC)]
    assert next_timer(waiting) == min(everything)
