"""Aggregation: the signals of several strategies for one symbol become one outcome, or none.

Buy, sell and close are three answers to one question, so a close has to win like an entry does. It has one advantage:
when it ties with an entry the close wins, because less exposure is the safer error. A buy that ties with a sell gives
nothing. Whatever the method, an outcome below the threshold is not acted upon.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, assert_never

from perptape.core.events.decisions import Action, LosingSignal
from perptape.core.events.reason import Reason
from perptape.core.money import ONE, ZERO, trimmed

Method = Literal["priority", "majority", "confidence"]

_CONFIDENCE_STEP = Decimal("0.0001")


class Bid(NamedTuple):
    """One strategy's signal and what its word counts for."""

    strategy: str
    action: Action
    confidence: Decimal
    """Between 0 and 1."""
    priority: int
    """Rank by `priority`; the higher wins."""
    weight: Decimal
    """Factor of the confidence by `confidence`."""


class Outcome(NamedTuple):
    """What became of the bids: `action` None when they cancel out or stay below the threshold, and all of them lose."""

    action: Action | None
    confidence: Decimal
    """Between 0 and 1, and what the threshold is compared with. How it is measured depends on the method."""
    winners: tuple[str, ...]
    """The strategies that wanted what is done, the strongest by the method's own measure first, equals by name."""
    losers: tuple[LosingSignal, ...]


class _Standing(NamedTuple):
    """How far the bids for one action got, in an order of comparison that the method chooses."""

    score: tuple[Decimal, ...]
    numbers: dict[str, Decimal]
    """The score by name, for people."""
    action: Action


def aggregate(method: Method, bids: Iterable[Bid], threshold: Decimal) -> Outcome:
    """One outcome for the bids of one symbol; the same for any order of bids.

    - `priority`: the highest rank wins, among equal ranks the highest confidence; its confidence is the outcome's.
    - `majority`: the most votes win; the outcome's confidence is the mean of theirs.
    - `confidence`: the largest sum of weight * confidence wins; the outcome's confidence is its lead over the second
      sum, at most 1.
    """
    ordered = sorted(bids)
    if not ordered:
        return Outcome(None, ZERO, (), ())
    standings = sorted((_standing(method, action, ordered) for action in _wanted(ordered)), key=_rank, reverse=True)
    best = standings[0]
    second = standings[1] if len(standings) > 1 else None
    if second is not None and second.score == best.score and best.action != "close":
        names: dict[str, str] = {"action": best.action, "other": second.action}
        return _nothing(ordered, ZERO, Reason("tied", best.numbers, names))
    confidence = _confidence(method, best, second, ordered)
    if confidence < threshold:
        numbers = {**best.numbers, "outcome": trimmed(confidence), "threshold": trimmed(threshold)}
        return _nothing(ordered, confidence, Reason("below_threshold", numbers, {"action": best.action}))
    why = {standing.action: _defeat(standing, best) for standing in standings}
    return Outcome(
        action=best.action,
        confidence=confidence,
        winners=_winners(method, best.action, ordered),
        losers=tuple(
            LosingSignal(bid.strategy, bid.action, why[bid.action]) for bid in ordered if bid.action != best.action
        ),
    )


def _wanted(bids: Sequence[Bid]) -> list[Action]:
    return list(dict.fromkeys(bid.action for bid in bids))


def _standing(method: Method, action: Action, bids: Sequence[Bid]) -> _Standing:
    votes = [bid for bid in bids if bid.action == action]
    match method:
        case "priority":
            first = max(votes, key=lambda bid: (bid.priority, bid.confidence))
            numbers = {"priority": Decimal(first.priority), "confidence": trimmed(first.confidence)}
            return _Standing(_strength(method, first), numbers, action)
        case "majority":
            count = Decimal(len(votes))
            return _Standing((count,), {"votes": count, "voters": Decimal(len(bids))}, action)
        case "confidence":
            total = sum((bid.weight * bid.confidence for bid in votes), ZERO)
            return _Standing((total,), {"weighted": trimmed(total)}, action)
        case _:
            assert_never(method)


def _strength(method: Method, bid: Bid) -> tuple[Decimal, ...]:
    match method:
        case "priority":
            return Decimal(bid.priority), bid.confidence
        case "majority":
            return (bid.confidence,)
        case "confidence":
            return (bid.weight * bid.confidence,)
        case _:
            assert_never(method)


def _winners(method: Method, action: Action, bids: Sequence[Bid]) -> tuple[str, ...]:
    votes = [bid for bid in bids if bid.action == action]
    votes.sort(key=lambda bid: _strength(method, bid), reverse=True)
    return tuple(dict.fromkeys(bid.strategy for bid in votes))


def _rank(standing: _Standing) -> tuple[tuple[Decimal, ...], bool, Action]:
    """The better the score the better; of equal ones a close; buy and sell apart only to be in some fixed order."""
    return standing.score, standing.action == "close", standing.action


def _confidence(method: Method, best: _Standing, second: _Standing | None, bids: Sequence[Bid]) -> Decimal:
    match method:
        case "priority":
            return best.score[1]
        case "majority":
            votes = [bid.confidence for bid in bids if bid.action == best.action]
            return trimmed((sum(votes, ZERO) / len(votes)).quantize(_CONFIDENCE_STEP))
        case "confidence":
            lead = best.score[0] - (second.score[0] if second is not None else ZERO)
            return min(ONE, lead)
        case _:
            assert_never(method)


def _defeat(loser: _Standing, best: _Standing) -> Reason:
    names: dict[str, str] = {"action": loser.action, "other": best.action}
    if loser.score == best.score:
        return Reason("tied_with_close", best.numbers, names)
    theirs = {f"other_{name}": number for name, number in best.numbers.items()}
    return Reason("outranked", {**loser.numbers, **theirs}, names)


def _nothing(bids: Sequence[Bid], confidence: Decimal, why: Reason) -> Outcome:
    return Outcome(None, confidence, (), tuple(LosingSignal(bid.strategy, bid.action, why) for bid in bids))
