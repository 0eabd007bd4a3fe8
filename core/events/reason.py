"""Reasons: why the bot decided something, as a code with numbers and names. `perptape.core.wording` makes sentences.

Replays compare codes, numbers and names, so that a sentence can be reworded without any recording diverging. Text that
came from outside (of an operator, a venue, an exception) is data: it is kept word for word in `text`.
"""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

ReasonCode = Literal[
    "recorded",  # a sentence of an earlier schema, in `text`
    "venue_says",
    "venue_code",
    "operator",
    # guards, when they block an order
    "above_limit",
    "below_limit",
    "halted",
    "channels_down",
    "not_compared",
    "not_open",
    "reducing_only",
    "no_quote",
    "refused_recently",
    "own_order",
    "no_equity",
    "size_below_minimum",
    "size_above_maximum",
    "size_off_increment",
    "notional_below_minimum",
    # guards, when they trip
    "daily_loss",
    "drawdown",
    "no_price",
    "price_moved",
    "requests_failed",
    "cash_negative",
    "hold_negative",
    "cash_above_maximum",
    "key_refused",
    "key_read_only",
    "no_permission",
    "no_permission_spot",
    # guards, when they clear
    "prices_again",
    "new_day",
    "limit_removed",
    "price_calm",
    "balance_possible",
    "venue_answers",
    "new_credentials",
    # halts and modes
    "order_echo_differs",
    "endpoint_gone",
    "unreadable_replies",
    "liquidated",
    "unrestricted",
    # cancels and orders that are given up
    "halted_by",
    "bot_halted",
    "reduce_only_mode",
    "market_down",
    "symbol_not_trading",
    "not_followed",
    "still_working",
    "cancel_held_back",
    "cancel_unconfirmed",
    "outcome_unknown",
    "unknown_to_venue",
    "working_at_venue",
    "given_up",
    # timers
    "throttled",
    "unreadable_reply",
    "order_status",
    "settle_time",
    "no_connection",
    "reachable_again",
    "still_moving",
    "volatility_cooldown",
    "breaker_cooldown",
    # reconciliation
    "session_started",
    "scheduled",
    "breaker_probe",
    "connection_restored",
    "feed_gap",
    "cash_pushed",
    "position_pushed",
    "position_reported",
    "cash_reported",
    "order_reported",
    "not_found",
    # alerts
    "unordered_fill",
    "unordered_fills_reported",
    "differences_repaired",
    "down_for",
    "canceled_by_venue",
    "rejected_by_venue",
    "strategy_raised",
    "task_crashed",
    # commands
    "answered_before",
    "expired",
    "unsigned_resume",
    "credentials_refused",
    "other_halt",
    "halt_over",
    "guards_restrict",
    "nothing_to_resume",
    # signals that were not followed
    "tied",
    "tied_with_close",
    "below_threshold",
    "outranked",
]

AlertTopic = Literal[
    "recorded",  # a title of an earlier schema, in the reason's names
    "halted",
    "reduce_only",
    "external_fill",
    "drift",
    "connection_lost",
    "connection_restored",
    "order_canceled",
    "order_rejected",
    "order_given_up",
    "read_only_key",
    "no_permission",
    "reply_unreadable",
    "strategy_stopped",
    "task_crashing",
]


class Reason(Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """A code, with the numbers and names that its sentence mentions; `because` is the reason behind it."""

    code: ReasonCode
    numbers: dict[str, Decimal] = {}
    names: dict[str, str] = {}
    text: str = ""
    """Word for word from outside."""
    because: "Reason | None" = None


def venue_says(text: str) -> Reason:
    """What the venue or the connection to it said, word for word."""
    return Reason("venue_says", text=text)


def operator_says(actor: str, text: str) -> Reason:
    """What an operator said with a command, word for word."""
    return Reason("operator", names={"actor": actor}, text=text)


def venue_code(code: str, text: str) -> Reason:
    """A refusal: the venue's code and its words."""
    return Reason("venue_code", names={"code": code}, text=text)
