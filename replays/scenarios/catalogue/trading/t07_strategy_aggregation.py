"""T07: strategies that disagree."""

from decimal import Decimal

from perptape.core.events import OrderRequested, SignalGenerated, SignalsAggregated
from perptape.core.events.reason import Reason
from perptape.core.settings import TradingSettings
from perptape.replays.oracle import signals_are_pursued
from perptape.replays.scenarios import (
    BTC,
    At,
    Restart,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require_equal,
    scripted,
    verifies,
)

PLANS = {
    "bold": f"{BTC} 10 sell 0.9; {BTC} 70 sell 0.9; {BTC} 130 buy 0.9; {BTC} 190 sell 0.5",
    "calm": f"{BTC} 10 buy 0.3; {BTC} 70 buy 0.3; {BTC} 130 buy 0.3; {BTC} 190 buy 0.5",
    "meek": f"{BTC} 10 buy 0.4; {BTC} 70 buy 0.4; {BTC} 130 sell 0.2",
}
STRATEGIES = tuple(
    scripted(name, plan, capital_share=Decimal("0.3"), priority=rank, weight=Decimal(1))
    for rank, (name, plan) in enumerate(PLANS.items())
)


def by(method: str) -> TradingSettings:
    """The same strategies under another way of deciding between them."""
    return canary(*STRATEGIES, aggregation={"method": method})


@verifies("voting and confidence weighting both available")
def two_weak_votes_outvote_a_strong_one_and_lose_by_confidence(run: Run) -> None:
    majority = run.one(SignalsAggregated, method="majority")
    require_equal((majority.action, majority.confidence), ("buy", Decimal("0.35")), "by votes: the mean of 0.3 and 0.4")
    weighted = run.one(SignalsAggregated, method="confidence", action="sell")
    require_equal(weighted.confidence, Decimal("0.2"), "by confidence: 0.9 against 0.3 + 0.4")
    ranked = run.one(SignalsAggregated, method="priority")
    require_equal((ranked.action, ranked.confidence), ("sell", Decimal("0.2")), "by rank: the third strategy's own")


@verifies("one aggregated signal acted upon")
def three_signals_give_one_outcome_and_one_order(run: Run) -> None:
    for second, side, strategy in ((10, "sell", "bold"), (70, "buy", "meek"), (130, "sell", "meek")):
        said = run.lines(SignalGenerated, since=second, until=second + 5)
        require_equal(len(said), 3, f"signals at second {second}")
        outcome = run.line(SignalsAggregated, since=second, until=second + 5)
        asked = run.lines(OrderRequested, since=second, until=second + 5)
        require_equal({line.event.side for line in asked}, {side}, f"sides of the orders at second {second}")
        require_equal({line.cause for line in asked}, {outcome.cause}, "the turn of the orders is that of the outcome")
        require_equal(outcome.event.winners[0], strategy, f"who wins at second {second}")


@verifies("one aggregated signal acted upon")
def a_tie_is_acted_upon_by_nobody(run: Run) -> None:
    tie = run.one(SignalsAggregated, since=190)
    require_equal((tie.action, tie.winners), (None, ()), "the outcome of 0.5 against 0.5")
    require_equal(run.all(OrderRequested, since=190), [], "orders from it")


@verifies("losers recorded with why")
def each_loser_is_named_with_what_it_had_and_what_it_lost_to(run: Run) -> None:
    weighted = run.one(SignalsAggregated, method="confidence", action="sell")
    require_equal(
        [(loser.strategy, loser.action, loser.why) for loser in weighted.losers],
        [
            (
                name,
                "buy",
                Reason(
                    "outranked",
                    {"weighted": Decimal("0.7"), "other_weighted": Decimal("0.9")},
                    {"action": "buy", "other": "sell"},
                ),
            )
            for name in ("calm", "meek")
        ],
        "losers by confidence",
    )
    [voted] = run.one(SignalsAggregated, method="majority").losers
    votes = {"votes": 1, "voters": 3, "other_votes": 2, "other_voters": 3}
    require_equal((voted.strategy, voted.why.code, voted.why.numbers), ("bold", "outranked", votes), "by votes")
    tie = run.one(SignalsAggregated, since=190)
    require_equal(len(tie.losers), 2, "losers of a tie")
    require_equal([loser.why.code for loser in tie.losers], ["tied", "tied"], "why")


SCENARIO = Scenario(
    id="T07",
    name="strategy_aggregation",
    section="trading",
    story="A says BUY, B says SELL → one outcome",
    trading=by("confidence"),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 220: 50_000})),
    acts=(
        At(40, Restart(trading=by("majority"))),
        At(100, Restart(trading=by("priority"))),
        At(160, Restart(trading=by("confidence"))),
    ),
    verifies=(
        two_weak_votes_outvote_a_strong_one_and_lose_by_confidence,
        three_signals_give_one_outcome_and_one_order,
        a_tie_is_acted_upon_by_nobody,
        each_loser_is_named_with_what_it_had_and_what_it_lost_to,
        signals_are_pursued("one aggregated signal acted upon"),
    ),
)
