"""decide(state, observation): what the bot concludes from an observation that the state already holds.

The answer is walked lazily, and each decision is folded before the next one is asked for, so that later decisions of a
turn see the earlier ones: two orders of one turn cannot jointly pass a limit.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from perptape.core.decide.access import ACCESS_DECISIONS
from perptape.core.decide.accounts import ACCOUNT_DECISIONS
from perptape.core.decide.commands import COMMAND_DECISIONS
from perptape.core.decide.connection import CONNECTION_DECISIONS
from perptape.core.decide.order_reports import ORDER_DECISIONS
from perptape.core.decide.prices import PRICE_DECISIONS
from perptape.core.decide.register import answer, table_of
from perptape.core.decide.replies import REPLY_DECISIONS
from perptape.core.decide.sessions import SESSION_DECISIONS
from perptape.core.decide.timers import TIMER_DECISIONS
from perptape.core.events import (
    AlertDelivered,
    CancelAccepted,
    ClockJumped,
    Decision,
    InstrumentUpdated,
    MarginReported,
    OpeningState,
    QuoteUpdated,
    SessionStopped,
)
from perptape.core.evolve import FOLDS, begin, evolve, watch_quote
from perptape.core.state import State


def _nothing(_state: State, _event: object) -> Iterable[Decision]:
    return ()


_UNANSWERED = (
    answer(InstrumentUpdated, _nothing),
    answer(MarginReported, _nothing),
    answer(CancelAccepted, _nothing),
    answer(ClockJumped, _nothing),
    answer(SessionStopped, _nothing),
    answer(AlertDelivered, _nothing),
    answer(OpeningState, _nothing),
)

DECISIONS_BY_OBSERVATION = table_of(
    PRICE_DECISIONS,
    ORDER_DECISIONS,
    ACCOUNT_DECISIONS,
    SESSION_DECISIONS,
    CONNECTION_DECISIONS,
    REPLY_DECISIONS,
    ACCESS_DECISIONS,
    TIMER_DECISIONS,
    COMMAND_DECISIONS,
    _UNANSWERED,
)
"""The one answer to every observation type; a test holds it complete against the vocabulary."""


def decide(state: State, observation: Any) -> Iterable[Decision]:
    """The decisions that answer an observation already folded. Fold each before asking for the next."""
    return DECISIONS_BY_OBSERVATION[type(observation)](state, observation)


def begin_turn(state: State, observation: Any, version: int, at_ns: int) -> Iterable[Decision]:
    """Fold an observation and decide: how every turn begins, live and replayed. Fold each decision before the next.

    A quote of which the fold says that nothing calls for a decision is not asked about.
    """
    begin(state, version, at_ns)
    if type(observation) is not QuoteUpdated:
        FOLDS[type(observation)](state, observation)
    elif not watch_quote(state, observation):
        return ()
    return decide(state, observation)


def take_turn(state: State, observation: Any, at_ns: int) -> Iterator[Decision]:
    """One turn: fold the observation, then yield each decision once it is folded. Versions are contiguous.

    Run inside `perptape.core.money.arithmetic()` and exhaust it: the state is between two events until then.
    """
    for decision in begin_turn(state, observation, state.version + 1, at_ns):
        evolve(state, decision, state.version + 1, at_ns)
        yield decision


__all__ = ["DECISIONS_BY_OBSERVATION", "begin_turn", "decide", "take_turn"]
