"""Faults by script: what a call answers when something goes wrong on the way or at the venue."""

from hashlib import sha256
from typing import Protocol, assert_never

from perptape.core.durations import SECOND_NS
from perptape.core.edge.simulation.exchange.fault_rule import FaultRule
from perptape.core.edge.simulation.exchange.requests import BotCall, Cancel, LookUp, ReportAccount, Submit
from perptape.core.events import (
    AccountQueryFailed,
    CallKind,
    CancelOutcomeUnknown,
    CancelRejected,
    Observation,
    OrderLookupFailed,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmissionFailed,
)
from perptape.core.money import ONE

_DRAWS = 1 << 64
_NOT_ACTED_UPON = frozenset(("refuse_rate_limit", "refuse", "reject", "lose_request"))
_UNANSWERED = frozenset(("lose_request", "lose_answer", "answer_late"))
_ANSWERED = frozenset(("accept_then_reject", "answer_twice", "mangle_answer"))
_REASONS = {
    "refuse_rate_limit": "429 too many requests",
    "refuse": "refused before it was acted upon",
    "reject": "rejected by the venue",
    "accept_then_reject": "rejected by the venue",
    "lose_request": "no answer: the request timed out",
    "lose_answer": "no answer: the connection was lost after the request was sent",
    "answer_late": "no answer in time",
}


class Faults(Protocol):
    """Which calls go wrong."""

    def fault(self, call: CallKind, number: int, elapsed_ns: int) -> FaultRule | None:
        """What happens to the call of this kind with this number, from 1; the same answer however often it is asked.

        `elapsed_ns` is how long the session has lasted in virtual time.
        """


class ScriptedFaults:
    """Faults from rules; the first rule that concerns a call decides. Draws are hashes of seed, rule and number."""

    def __init__(self, rules: tuple[FaultRule, ...], seed: int) -> None:
        self._rules = rules
        self._seed = seed

    def fault(self, call: CallKind, number: int, elapsed_ns: int) -> FaultRule | None:
        """The first rule that concerns the call."""
        for ordinal, rule in enumerate(self._rules):
            if (
                rule.call == call
                and number >= rule.nth
                and (not rule.times or number < rule.nth + rule.times)
                and rule.from_s * SECOND_NS <= elapsed_ns
                and (rule.until_s is None or elapsed_ns < rule.until_s * SECOND_NS)
                and (rule.probability >= ONE or self._draw(ordinal, number) < rule.probability * _DRAWS)
            ):
                return rule
        return None

    def _draw(self, ordinal: int, number: int) -> int:
        return int.from_bytes(sha256(f"{self._seed}/{ordinal}/{number}".encode()).digest()[:8], "big")


def is_acted_upon(fault: FaultRule | None) -> bool:
    """Whether the venue does what the call asks, fault or not."""
    return fault is None or fault.effect not in _NOT_ACTED_UPON


def is_answered(fault: FaultRule | None) -> bool:
    """Whether the venue's own answer reaches the bot."""
    return fault is None or fault.effect in _ANSWERED


def faulty_answer(request: BotCall, fault: FaultRule) -> Observation:
    """What the bot gets instead of the venue's answer."""
    reason = _REASONS[fault.effect]
    match request:
        case Submit(order):
            return _submission_answer(order.client_order_id, fault, reason)
        case Cancel(asked):
            order_id = asked.client_order_id
            if fault.effect in _UNANSWERED:
                return CancelOutcomeUnknown(order_id, reason)
            return CancelRejected(order_id, _code(fault), reason)
        case LookUp(asked):
            return OrderLookupFailed(asked.client_order_id, _code(fault), reason)
        case ReportAccount(asked):
            return AccountQueryFailed(asked.request_id, _code(fault), reason)
        case _:
            assert_never(request)


def _submission_answer(order_id: str, fault: FaultRule, reason: str) -> Observation:
    match fault.effect:
        case "lose_request" | "lose_answer" | "answer_late":
            return OrderOutcomeUnknown(order_id, reason)
        case "refuse_rate_limit":
            after_ns = None if fault.retry_after_ms is None else fault.retry_after_ms * 1_000_000
            return OrderSubmissionFailed(order_id, _code(fault), reason, retryable=True, retry_after_ns=after_ns)
        case "refuse":
            return OrderSubmissionFailed(order_id, _code(fault), reason, retryable=False, retry_after_ns=None)
        case _:
            return OrderRejected(0, order_id, _code(fault), reason)


def _code(fault: FaultRule) -> str:
    if fault.effect == "refuse_rate_limit":
        return "RATE_LIMIT_EXCEEDED"
    return "TIMED_OUT" if fault.effect in _UNANSWERED else fault.code
