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
    StateDigestRecorded,
    StrategyMemoryDropped,
)
from perptape.core.evolve import FOLDS, begin, evolve, watch_quote
from perptape.core.opening import memory_digest, memory_schema, state_digest
from perptape.core.state import State
from perptape.core.state_schema import state_schema


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
    answer(StrategyMemoryDropped, _nothing),
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

    A quote of which the fold says that nothing calls for a decision is not asked about. A turn that holds a version
    which is a multiple of `state_digest_every`, and the last of a session, end with the state's digest.
    """
    begin(state, version, at_ns)
    kind = type(observation)
    if kind is not QuoteUpdated:
        FOLDS[kind](state, observation)
        decisions = decide(state, observation)
    elif watch_quote(state, observation):
        decisions = decide(state, observation)
    else:
        decisions = ()
    if not decisions and version % state.settings.state_digest_every and kind is not SessionStopped:
        return ()
    return _with_digest(state, decisions, version, kind is SessionStopped)


def _with_digest(state: State, decisions: Iterable[Decision], first: int, ending: bool) -> Iterator[Decision]:
    yield from decisions
    every = state.settings.state_digest_every
    if ending or (first - 1) // every != state.version // every:
        yield digest_now(state)


def digest_now(state: State) -> StateDigestRecorded:
    """The digest of the state as it is."""
    return StateDigestRecorded(state_schema(), state_digest(state), memory_schema(state), memory_digest(state))


def take_turn(state: State, observation: Any, at_ns: int) -> Iterator[Decision]:
    """One turn: fold the observation, then yield each decision once it is folded. Versions are contiguous.

    Run inside `perptape.core.money.arithmetic()` and exhaust it: the state is between two events until then.
    """
    for decision in begin_turn(state, observation, state.version + 1, at_ns):
        evolve(state, decision, state.version + 1, at_ns)
        yield decision


__all__ = ["DECISIONS_BY_OBSERVATION", "begin_turn", "decide", "take_turn"]
