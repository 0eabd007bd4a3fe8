"""Several signals become one outcome, whatever order they come in."""

import random
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.aggregation import Bid, Method, Outcome, aggregate
from perptape.core.events.decisions import Action
from perptape.core.money import ZERO, arithmetic
from perptape.core.wording import sentence

METHODS: tuple[Method, ...] = get_args(Method)
BIDS = st.lists(
    st.builds(
        Bid,
        strategy=st.sampled_from("abcdef"),
        action=st.sampled_from(get_args(Action)),
        confidence=st.decimals(0, 1, places=2),
        priority=st.integers(-2, 2),
        weight=st.decimals(0, 3, places=1),
    ),
    max_size=8,
)
THRESHOLDS = st.decimals(0, 1, places=1)


def bid(strategy: str, action: Action, confidence: str = "0.5", priority: int = 0, weight: str = "1") -> Bid:
    return Bid(strategy, action, Decimal(confidence), priority, Decimal(weight))


def decided(method: Method, *bids: Bid, threshold: str = "0") -> Outcome:
    with arithmetic():
        return aggregate(method, bids, Decimal(threshold))


def whys(outcome: Outcome) -> list[tuple[str, str]]:
    return [(loser.strategy, sentence(loser.why)) for loser in outcome.losers]


@pytest.mark.parametrize("method", METHODS)
def test_no_bids_give_nothing(method: Method) -> None:
    assert decided(method) == Outcome(None, ZERO, (), ())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("action", get_args(Action))
def test_a_single_bid_is_followed_even_without_confidence(method: Method, action: Action) -> None:
    assert decided(method, bid("a", action, "0")) == Outcome(action, ZERO, ("a",), ())


@pytest.mark.parametrize("method", METHODS)
def test_agreeing_bids_all_win_with_the_strongest_first(method: Method) -> None:
    outcome = decided(method, bid("b", "buy", "0.4"), bid("a", "buy", "0.4"), bid("c", "buy", "0.6"))
    assert (outcome.action, outcome.winners, outcome.losers) == ("buy", ("c", "a", "b"), ())


@pytest.mark.parametrize("method", METHODS)
def test_a_buy_that_ties_with_a_sell_gives_nothing_and_both_lose(method: Method) -> None:
    outcome = decided(method, bid("a", "buy"), bid("b", "sell"))
    assert (outcome.action, outcome.confidence, outcome.winners) == (None, ZERO, ())
    assert [(loser.strategy, loser.action) for loser in outcome.losers] == [("a", "buy"), ("b", "sell")]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("entry", ["buy", "sell"])
def test_a_close_that_ties_with_an_entry_wins(method: Method, entry: Action) -> None:
    outcome = decided(method, bid("a", entry), bid("b", "close"))
    assert (outcome.action, outcome.winners) == ("close", ("b",))
    assert outcome.losers[0].why.code == "tied_with_close"


@pytest.mark.parametrize("method", METHODS)
def test_a_close_that_ties_with_a_buy_and_a_sell_wins(method: Method) -> None:
    assert decided(method, bid("a", "buy"), bid("b", "close"), bid("c", "sell")).action == "close"


@pytest.mark.parametrize(
    ("method", "entry"),
    [
        ("priority", (bid("a", "buy", priority=1),)),
        ("majority", (bid("a", "buy"), bid("c", "buy"))),
        ("confidence", (bid("a", "buy", "0.6"),)),
    ],
)
def test_a_close_has_no_other_privilege(method: Method, entry: tuple[Bid, ...]) -> None:
    assert decided(method, *entry, bid("b", "close")).action == "buy"


def test_by_priority_the_highest_rank_wins_against_any_confidence_and_number() -> None:
    outcome = decided(
        "priority",
        bid("a", "sell", "0.9", priority=1),
        bid("b", "buy", "0.2", priority=5),
        bid("c", "sell", "1", priority=4),
    )
    assert (outcome.action, outcome.confidence, outcome.winners) == ("buy", Decimal("0.2"), ("b",))
    why = "sell has priority 4 and confidence 1, buy has priority 5 and confidence 0.2"
    assert whys(outcome) == [("a", why), ("c", why)]


def test_by_priority_the_leader_is_the_highest_rank_and_not_the_surest() -> None:
    outcome = decided("priority", bid("a", "buy", "0.9"), bid("b", "buy", "0.2", priority=1))
    assert (outcome.confidence, outcome.winners) == (Decimal("0.2"), ("b", "a"))


def test_by_priority_equal_ranks_are_told_apart_by_confidence() -> None:
    outcome = decided("priority", bid("a", "buy", "0.4"), bid("b", "sell", "0.6"))
    assert (outcome.action, outcome.confidence) == ("sell", Decimal("0.6"))


def test_by_priority_a_tie_at_the_top_is_not_broken_by_lower_ranks() -> None:
    outcome = decided("priority", bid("a", "buy", priority=1), bid("b", "sell", priority=1), bid("c", "sell", "0.9"))
    assert outcome.action is None
    assert whys(outcome)[0] == ("a", "sell and buy tie at priority 1 and confidence 0.5")


def test_by_majority_votes_count_and_confidence_does_not() -> None:
    outcome = decided("majority", bid("a", "buy", "0.1"), bid("b", "buy", "0.2"), bid("c", "sell", "1", 9, "9"))
    assert (outcome.action, outcome.confidence, outcome.winners) == ("buy", Decimal("0.15"), ("b", "a"))
    assert whys(outcome) == [("c", "sell has 1 of 3 votes, buy has 2 of 3 votes")]


def test_by_confidence_the_largest_weighted_sum_wins_and_its_lead_is_the_confidence() -> None:
    outcome = decided(
        "confidence", bid("a", "buy", "0.9"), bid("b", "sell", "0.4", weight="2"), bid("c", "sell", "0.3")
    )
    assert (outcome.action, outcome.confidence, outcome.winners) == ("sell", Decimal("0.2"), ("b", "c"))
    assert whys(outcome) == [("a", "buy has weighted confidence 0.9, sell has weighted confidence 1.1")]


def test_by_confidence_the_lead_counts_as_one_at_most() -> None:
    assert decided("confidence", bid("a", "buy", "0.9"), bid("b", "buy", "0.9")).confidence == 1


@pytest.mark.parametrize(("method", "measured"), [("priority", "0.6"), ("majority", "0.6"), ("confidence", "0.4")])
def test_below_the_threshold_nothing_is_done_and_at_it_the_first_wins(method: Method, measured: str) -> None:
    bids = (bid("a", "buy", "0.6", priority=1), bid("b", "buy", "0.6", priority=1), bid("c", "sell", "0.8"))
    assert decided(method, *bids, threshold=measured).action == "buy"
    outcome = decided(method, *bids, threshold=str(Decimal(measured) + Decimal("0.01")))
    assert (outcome.action, outcome.confidence, outcome.winners) == (None, Decimal(measured), ())
    assert [loser.strategy for loser in outcome.losers] == ["a", "b", "c"]
    said = sentence(outcome.losers[0].why)
    assert f"but confidence {measured} is below the threshold {measured}1" in said


def test_a_strategy_that_wants_the_same_twice_wins_once() -> None:
    assert decided("majority", bid("a", "buy"), bid("a", "buy")).winners == ("a",)


@given(st.sampled_from(METHODS), BIDS, THRESHOLDS, st.randoms(use_true_random=False))
def test_the_outcome_does_not_depend_on_the_order_of_the_bids(
    method: Method, bids: list[Bid], threshold: Decimal, shuffle: random.Random
) -> None:
    shuffled = list(bids)
    shuffle.shuffle(shuffled)
    with arithmetic():
        assert aggregate(method, bids, threshold) == aggregate(method, shuffled, threshold)


@given(st.sampled_from(METHODS), BIDS, THRESHOLDS)
def test_every_bid_either_wins_or_loses_and_confidence_stays_between_0_and_1(
    method: Method, bids: list[Bid], threshold: Decimal
) -> None:
    with arithmetic():
        outcome = aggregate(method, bids, threshold)
    assert 0 <= outcome.confidence <= 1
    assert outcome.action is None or outcome.confidence >= threshold
    followed = [each for each in bids if each.action == outcome.action]
    assert sorted(outcome.winners) == sorted({each.strategy for each in followed})
    assert len(outcome.losers) == len(bids) - len(followed)
    assert all(loser.action != outcome.action and sentence(loser.why) for loser in outcome.losers)
