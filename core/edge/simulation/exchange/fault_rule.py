"""A scripted fault: which calls of which kind go wrong, and how."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from perptape.core.events import CallKind

FaultEffect = Literal[
    "refuse_rate_limit",
    "refuse",
    "reject",
    "accept_then_reject",
    "lose_request",
    "lose_answer",
    "answer_late",
    "answer_twice",
    "mangle_answer",
]
"""
refuse_rate_limit   not acted upon and says so; may be sent again after `retry_after_ms`
refuse              not acted upon and says so with `code`; sending again is of no use
reject              the venue decides against it with `code`
accept_then_reject  an order is accepted, and rejected by the feed with `code`
lose_request        not acted upon, and nobody knows
lose_answer         acted upon, and nobody knows
answer_late         acted upon; the answer to an order comes `delay_ms` later by the feed, any other one never
answer_twice        acted upon; the answer comes twice
mangle_answer       acted upon; the answer's text is damaged as `mangle` says (`wire` beside this module)
"""


def _doc(text: str) -> Meta:
    return Meta(description=text)


class FaultRule(Struct, frozen=True, forbid_unknown_fields=True):
    """The calls number `nth` to `nth + times - 1` of a kind, each with `probability`, have `effect`.

    With `from_s` or `until_s` only those made in that span of the session, which begins with the market's first point.
    """

    call: Annotated[CallKind, _doc("Kind of call; each kind is counted from 1.")]
    effect: Annotated[FaultEffect, _doc("What happens instead of a normal answer.")]
    nth: Annotated[int, _doc("First call that the rule applies to.")] = 1
    times: Annotated[int, _doc("Number of calls it applies to; 0 means all following calls.")] = 1
    probability: Annotated[Decimal, _doc("Probability for each call, drawn from the seed.")] = Decimal(1)
    retry_after_ms: Annotated[int | None, _doc("Retry delay that a rate limit reports, in milliseconds.")] = None
    code: Annotated[str, _doc("The venue's code for a refusal or rejection.")] = "REFUSED_BY_SCRIPT"
    delay_ms: Annotated[int, _doc("Delay of a late answer, in milliseconds.")] = 0
    mangle: Annotated[str, _doc("How an answer is damaged: cut, html, empty, drop|set|rename|add:FIELD[=VALUE].")] = ""
    from_s: Annotated[int, _doc("Second of the session from which the rule applies.")] = 0
    until_s: Annotated[int | None, _doc("Second of the session from which it no longer applies.")] = None
