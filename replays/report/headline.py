"""The headline: what happened, in one sentence."""

from perptape.replays.report.numbers import count, counted, duration, listed, money
from perptape.replays.report.proof import Proof, reproduced
from perptape.replays.report.story import Story

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def headline(story: Story, proof: Proof | None) -> str:
    """How long, where, how much was done, what came of it, and what was proved, without the full stop.

    For example: 38 days of BTC-PERP: 214 orders, 209 fills, +123.45 USD, one crash, recovered, every decision
    reproduced.
    """
    if not story.counts.events:
        return "An empty session: nothing was recorded"
    symbols = listed(list(story.prices)) or "no market"
    parts = [
        counted(story.counts.orders, "order"),
        counted(story.counts.fills, "fill"),
        f"{money(story.figures.profit, sign=True)} USD",
        *_crashes(story),
        *_reproduced(proof),
    ]
    return f"{duration(story.end_ns - story.start_ns)} of {symbols}: {', '.join(parts)}"


def _crashes(story: Story) -> list[str]:
    killed = sum(session.end == "killed" for session in story.sessions)
    if not killed:
        return []
    recovered = sum(session.recovery and session.reconciled_ns is not None for session in story.sessions)
    word = _NUMBERS[killed] if killed < len(_NUMBERS) else count(killed)
    noun = "crash" if killed == 1 else "crashes"
    return [f"{word} {noun}", "recovered" if recovered == killed else "not recovered"]


def _reproduced(proof: Proof | None) -> list[str]:
    if proof is None or proof.replay is None:
        return []
    if reproduced(proof):
        return ["every decision reproduced"]
    return [f"{count(proof.replay.reproduced)} of {counted(proof.replay.decisions, 'decision')} reproduced"]
