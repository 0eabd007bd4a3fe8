"""Changes of behaviour that someone could make by mistake, one for each rule that decides about money.

Each is a file, what stands there, and what would stand there instead. A mutation whose text is no longer in its file
is out of date and has to be written anew: it proves nothing.
"""

from pathlib import Path
from typing import NamedTuple


class Mutation(NamedTuple):
    """One small change of the code."""

    name: str
    file: str
    before: str
    after: str


class OutdatedMutationError(Exception):
    """The text to be changed is not in its file, or not once only."""


def mutate(tree: Path, mutation: Mutation) -> None:
    """Change the copy of the packages in `tree`. Raises OutdatedMutationError."""
    path = tree / mutation.file
    source = path.read_text("utf-8")
    if source.count(mutation.before) != 1:
        found = source.count(mutation.before)
        raise OutdatedMutationError(
            f"{mutation.name}: {mutation.file} holds {mutation.before!r} {found} times, not once"
        )
    path.write_text(source.replace(mutation.before, mutation.after), "utf-8")
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        compiled.unlink()


MUTATIONS = (
    Mutation(
        "guard: the order itself is left out of the order rate",
        "core/guards/conduct.py",
        "state.at_ns - MINUTE_NS) + 1\n",
        "state.at_ns - MINUTE_NS)\n",
    ),
    Mutation(
        "guard: a volatile market keeps exits from leaving",
        "core/guards/modes.py",
        'None if order.reducing else tripped("volatility", state, order.market.symbol)',
        'tripped("volatility", state, order.market.symbol)',
    ),
    Mutation(
        "guard: a position may be twice its cap",
        "core/guards/sizes.py",
        "measured = abs(order.coins)\n",
        "measured = abs(order.coins) / 2\n",
    ),
    Mutation(
        "guard: a daily loss may be twice as large",
        "core/account.py",
        "return account.day_start_equity - account.equity",
        "return (account.day_start_equity - account.equity) / 2",
    ),
    Mutation(
        "sizing: a one-sigma move costs half of what it may",
        "core/sizing.py",
        "settings.risk_fraction / sigma",
        "settings.risk_fraction / sigma / 2",
    ),
    Mutation(
        "sizing: the volatility counts a return too many",
        "core/sizing.py",
        "return (sum(squares, ZERO) / len(squares)).sqrt()",
        "return (sum(squares, ZERO) / (len(squares) + 1)).sqrt()",
    ),
    Mutation(
        "orders: an entry does not net what is held already",
        "core/decide/trading.py",
        '(target if action == "buy" else -target) - held - coming',
        '(target if action == "buy" else -target) - coming',
    ),
    Mutation(
        "orders: a retry counts the same attempt again",
        "core/decide/order_reports.py",
        "attempt=order.attempts + 1",
        "attempt=order.attempts",
    ),
    Mutation(
        "orders: ids follow from the intent alone",
        "core/ids.py",
        'f"{nonce}:{intent}"',
        'f"{intent}"',
    ),
    Mutation(
        "orders: exits do not say that they only reduce",
        "core/decide/placing.py",
        "reduce_only=order.reducing",
        "reduce_only=False",
    ),
    Mutation(
        "PnL: fees are forgotten in cash",
        "core/evolve/fills.py",
        "earned = realised - fee",
        "earned = realised",
    ),
    Mutation(
        "PnL: a reduced position keeps its cost",
        "core/position.py",
        "    position.cost -= released\n",
        "",
    ),
    Mutation(
        "PnL: funding is booked with the wrong sign",
        "core/evolve/accounts.py",
        "    move_cash(state, amount)\n",
        "    move_cash(state, -amount)\n",
    ),
    Mutation(
        "strategy: the fast average loses the wrong price",
        "core/strategies/ma_crossover.py",
        "price - prices[index - self.fast]",
        "price - prices[index - self.fast + 1]",
    ),
    Mutation(
        "strategy: gains are smoothed over one update more",
        "core/strategies/rsi_reversion.py",
        "_average(memory.gain, gain, self.period)",
        "_average(memory.gain, gain, self.period + 1)",
    ),
    Mutation(
        "strategy: the trailing stop lies on the wrong side",
        "core/evolve/prices.py",
        "sleeve.stop_price = best * (ONE - fraction if sleeve.position.size > 0 else ONE + fraction)",
        "sleeve.stop_price = best * (ONE - fraction if sleeve.position.size < 0 else ONE + fraction)",
    ),
    Mutation(
        "aggregation: the lead ignores who came second",
        "core/aggregation.py",
        "lead = best.score[0] - (second.score[0] if second is not None else ZERO)",
        "lead = best.score[0]",
    ),
    Mutation(
        "aggregation: the weaker side wins",
        "core/aggregation.py",
        "key=_rank, reverse=True)",
        "key=_rank)",
    ),
    Mutation(
        "timers: the volatility cooldown lasts a second longer",
        "core/decide/watch.py",
        'due_ns = state.at_ns + breaker.cooldown_s * SECOND_NS\n    yield TimerSet(timer_id=timer_id("calm"',
        'due_ns = state.at_ns + (breaker.cooldown_s + 1) * SECOND_NS\n    yield TimerSet(timer_id=timer_id("calm"',
    ),
    Mutation(
        "timers: the wait before a retry doubles once too often",
        "core/decide/order_reports.py",
        "orders.backoff_s << min(attempt - 1, ",
        "orders.backoff_s << min(attempt, ",
    ),
)
