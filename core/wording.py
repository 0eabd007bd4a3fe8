"""Wording: the English sentences for codes, guards and alerts, made when something is shown. Nothing here is recorded.

A template names the numbers and names of its code. Rewording one changes no recording and no golden.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from perptape.core.events.causes import Cause, GuardName
from perptape.core.events.decisions import AlertRaised, CommandRefused, DriftDetected, OrderBlocked, SignalsAggregated
from perptape.core.events.reason import AlertTopic, Reason, ReasonCode
from perptape.core.money import plain

SENTENCES: dict[ReasonCode, str] = {
    "recorded": "{text}",
    "venue_says": "{text}",
    "venue_code": "{code}: {text}",
    "operator": "{actor}: {text}",
    "above_limit": "above its limit",
    "below_limit": "below its limit",
    "halted": "halted ({causes}): {because}",
    "channels_down": "not connected: {channels}",
    "not_compared": "the account has not been reconciled with the venue yet",
    "not_open": "{symbol} is {status} at the venue",
    "reducing_only": "reduce-only ({causes}): {because}",
    "no_quote": "{symbol} has no quote",
    "refused_recently": "the venue refused the last entry: {text}",
    "own_order": "would trade against our own order {order}",
    "no_equity": "equity is {equity}",
    "size_below_minimum": "size {measured} is below the venue's minimum {limit}",
    "size_above_maximum": "size {measured} is above the venue's maximum {limit}",
    "size_off_increment": "size {measured} is not a multiple of {limit}",
    "notional_below_minimum": "notional {measured} is below the venue's minimum {limit}",
    "daily_loss": "daily loss {loss} has reached limit {limit}",
    "drawdown": "drawdown {drawdown} has reached limit {limit} (equity {equity}, peak {peak})",
    "no_price": "no {symbol} price for {age_s} s, limit {limit_s} s",
    "price_moved": "{symbol} moved by {move} within {window_s} s, limit {limit}",
    "requests_failed": "{count} requests failed within {window_s} s",
    "cash_negative": "the venue reports negative cash: {cash}",
    "hold_negative": "the venue reports a negative hold: {hold}",
    "cash_above_maximum": "the venue reports cash {cash}, above the plausible maximum {limit}",
    "key_refused": "the venue refuses the API key ({text}); load new credentials",
    "key_read_only": "the API key can read but not trade: {text}",
    "no_permission": "the account may not trade {symbol} ({text}); the symbol is disabled",
    "no_permission_spot": "the account may not trade {symbol} ({text}); entries go to {spot}",
    "prices_again": "prices are arriving again",
    "new_day": "a new UTC day began",
    "limit_removed": "the limit was removed",
    "price_calm": "the price is back inside its band",
    "balance_possible": "the reported balance is plausible again",
    "venue_answers": "the venue answers again",
    "new_credentials": "new credentials: key {key_id}",
    "order_echo_differs": "the venue reports order {order} as {echoed}, but we asked for {asked}",
    "endpoint_gone": "the venue no longer offers this call: {text}",
    "unreadable_replies": "{count} unreadable replies in a row, limit {limit}; the last one: {because}",
    "liquidated": "the venue liquidated {size} {symbol} at {price}",
    "unrestricted": "no restrictions remain",
    "halted_by": "halted: {cause}",
    "bot_halted": "the bot is halted",
    "reduce_only_mode": "the bot is reduce-only",
    "market_down": "the market connection was lost",
    "symbol_not_trading": "{symbol} is {status}: {text}",
    "not_followed": "{symbol} was removed from the settings",
    "still_working": "still working at the venue",
    "cancel_held_back": "the cancel was held back until now",
    "cancel_unconfirmed": "the cancel is not confirmed",
    "outcome_unknown": "the outcome is unknown",
    "unknown_to_venue": "the venue does not know the order",
    "working_at_venue": "the venue lists the order as working",
    "given_up": "{side} {size} {symbol} after {attempts} attempts: {because}",
    "throttled": "held back by our own rate limit",
    "unreadable_reply": "unreadable reply to {call}{about}{in_field}: {text}",
    "order_status": "the venue reports the order as {status}",
    "settle_time": "waiting for the venue to settle",
    "no_connection": "no connection to the venue",
    "reachable_again": "the venue can be reached again",
    "still_moving": "the price is still outside its band",
    "volatility_cooldown": "volatility cooldown",
    "breaker_cooldown": "circuit breaker cooldown",
    "session_started": "session {session} started",
    "scheduled": "scheduled",
    "breaker_probe": "circuit breaker half open: one probe",
    "connection_restored": "{channel} connection restored",
    "feed_gap": "gap in the {channel} feed: expected message {expected}, received {received}",
    "cash_pushed": "the venue pushed cash {cash}, which differs",
    "position_pushed": "the venue pushed position {size} {symbol}, which differs",
    "position_reported": "{request_id}: the venue has {theirs} at {their_price}, we have {ours} at {our_price}",
    "cash_reported": "{request_id}: the venue has cash {theirs}, we have {ours}",
    "order_reported": "{request_id}: working at the venue with {left} left, {status} here",
    "not_found": "the venue cannot find the order",
    "unordered_fill": "{side} {size} {symbol} at {price} does not belong to an order of this bot",
    "unordered_fills_reported": "{request_id} lists fills of orders that this bot did not send",
    "differences_repaired": "{differences}",
    "down_for": "it was down for {seconds} s",
    "canceled_by_venue": "{left} of {side} {size} {symbol} did not fill: {text}",
    "rejected_by_venue": "{side} {size} {symbol}: {code} {text}",
    "strategy_raised": "{strategy} raised an exception in {symbol}: {text}; exits and guards continue",
    "task_crashed": "{count} crashes within ten minutes, the last one: {text}; it is restarted each time",
    "answered_before": "this command was already answered",
    "expired": "the command had expired",
    "unsigned_resume": "resume needs an actor and a reason",
    "credentials_refused": "the venue refuses the credentials; load new ones first",
    "other_halt": "it names halt {halt_id}, but the current halt is {current}",
    "halt_over": "it names halt {halt_id}, which has ended",
    "guards_restrict": "resume does not lift guard restrictions: {causes}",
    "nothing_to_resume": "nothing is paused, restricted or halted",
    "tied": "{action} and {other} tie at {score}",
    "tied_with_close": "{action} ties with close at {score}; close wins a tie",
    "below_threshold": "{action} led with {score}, but confidence {outcome} is below the threshold {threshold}",
    "outranked": "{action} has {score}, {other} has {other_score}",
}

MEASURES: dict[GuardName, str] = {
    "daily_loss": "daily loss",
    "drawdown": "drawdown",
    "staleness": "age of the last price in s",
    "spread": "spread",
    "depth": "notional at the touch",
    "slippage": "slippage",
    "order_rate": "orders per minute",
    "trade_value": "trade value",
    "position_cap": "position with working orders",
    "exposure_share": "share of exposure capacity",
    "leverage": "leverage",
    "liquidation_buffer": "distance to liquidation",
    "position_limit": "net position in the underlying",
}
"""What a guard measures, where its objection is just a number beyond a limit."""

BEYOND: dict[str, str] = {
    "above_limit": "{measure} {measured} exceeds limit {limit}",
    "below_limit": "{measure} {measured} is below limit {limit}",
}

TITLES: dict[AlertTopic, str] = {
    "recorded": "{title}",
    "halted": "halted: {subject}",
    "reduce_only": "reduce-only: {subject}",
    "external_fill": "external fill",
    "drift": "account differed from the venue",
    "connection_lost": "{subject} connection lost",
    "connection_restored": "{subject} connection restored",
    "order_canceled": "order canceled by the venue",
    "order_rejected": "order rejected",
    "order_given_up": "order given up",
    "read_only_key": "read-only key: the bot only observes",
    "no_permission": "no permission for {subject}",
    "reply_unreadable": "unreadable reply to {subject}",
    "strategy_stopped": "strategy {subject} stopped",
    "task_crashing": "background task {subject} keeps crashing",
}
LATE_REJECTION = "order rejected, but it is {subject}"
RESUME_HINT = "{message}; to resume, name halt {halt_id}"
SCORES = (
    ("priority", "priority {priority} and confidence {confidence}"),
    ("votes", "{votes} of {voters} votes"),
    ("weighted", "weighted confidence {weighted}"),
)


def sentence(reason: Reason | None) -> str:
    """The reason in English; empty when there is none."""
    if reason is None:
        return ""
    return SENTENCES[reason.code].format_map(_Facts(reason)).rstrip(" :")


def objection(guard: GuardName, measured: Decimal, limit: Decimal, reason: Reason) -> str:
    """Why a guard objects, with its numbers where a limit was passed."""
    beyond = BEYOND.get(reason.code)
    if beyond is None:
        return sentence(reason)
    measure = MEASURES.get(guard, spoken(guard))
    return beyond.format(measure=measure, measured=plain(measured), limit=plain(limit))


def why(decision: Any) -> str:
    """What a decision says of its reason; empty for one that gives none."""
    match decision:
        case OrderBlocked():
            return objection(decision.guard, decision.measured, decision.limit, decision.reason)
        case AlertRaised():
            return _alert(decision)
        case SignalsAggregated():
            return "; ".join(f"{loser.strategy}: {sentence(loser.why)}" for loser in decision.losers)
        case CommandRefused():
            return sentence(decision.why)
        case DriftDetected():
            return sentence(decision.evidence)
        case _:
            reason = getattr(decision, "reason", "")
            return sentence(reason) if isinstance(reason, Reason) else str(reason)


def alert_title(alert: AlertRaised) -> str:
    """The first line of an alert."""
    late = alert.topic == "order_rejected" and alert.subject
    template = LATE_REJECTION if late else TITLES[alert.topic]
    subject = alert.subject if alert.topic in _VERBATIM else spoken(alert.subject)
    return template.format(subject=subject, title=alert.reason.names.get("title", ""))


def alert_message(alert: AlertRaised) -> str:
    """What the alert says below its title."""
    message = sentence(alert.reason)
    return RESUME_HINT.format(message=message, halt_id=alert.halt_id) if alert.halt_id else message


def _alert(alert: AlertRaised) -> str:
    """Title and message in one line; a subject with which the message begins is said once."""
    title, message, subject = alert_title(alert), alert_message(alert), spoken(alert.subject)
    if subject and message.startswith(subject):
        title = title.removesuffix(f": {subject}")
    return f"{title}: {message}"


def spoken(name: Cause | str) -> str:
    """A name of the vocabulary in words: `daily_loss` is "daily loss"."""
    return "reduce-only" if name == "reduce_only" else name.replace("_", " ")


_VERBATIM: frozenset[AlertTopic] = frozenset(("no_permission", "strategy_stopped", "task_crashing"))
"""Topics whose subject is a name that somebody else chose."""
_OF_VOCABULARY = frozenset(("status", "cause", "call"))


class _Facts(dict[str, str]):
    """What a template of the reason's code may name. A fact that is missing is shown as a question mark."""

    def __init__(self, reason: Reason) -> None:
        super().__init__()
        self._reason = reason

    def __missing__(self, name: str) -> str:
        reason = self._reason
        if name in reason.numbers:
            return plain(reason.numbers[name])
        if name in reason.names:
            return _shown(name, reason.names[name])
        if name == "text":
            return reason.text
        if name == "because":
            return sentence(reason.because)
        made = _MADE.get(name)
        return "?" if made is None else made(reason)


def _shown(name: str, value: str) -> str:
    if name in ("causes", "channels"):
        return ", ".join(map(spoken, value.split()))
    return spoken(value) if name in _OF_VOCABULARY else value


def _terms(reason: Reason, prefix: str) -> str:
    """An order's side, size, symbol and limit price."""
    numbers, names = reason.numbers, reason.names
    price = numbers.get(f"{prefix}_price")
    at = "" if price is None else f" at {plain(price)}"
    return f"{names.get(f'{prefix}_side')} {_number(numbers, f'{prefix}_size')} {names.get(f'{prefix}_symbol')}{at}"


def _number(numbers: Mapping[str, Decimal], name: str) -> str:
    return plain(numbers[name]) if name in numbers else "?"


def _score(reason: Reason, prefix: str) -> str:
    """How far the signals for one action got, by the numbers of the aggregation method."""
    numbers = {
        name.removeprefix(prefix): plain(number) for name, number in reason.numbers.items() if name.startswith(prefix)
    }
    return next((words.format(**numbers) for name, words in SCORES if name in numbers), "?")


def _differences(reason: Reason) -> str:
    numbers = reason.numbers
    keys = [name.removesuffix(" ours") for name in numbers if name.endswith(" ours")]
    return "; ".join(f"{key}: {plain(numbers[f'{key} ours'])} -> {_number(numbers, f'{key} theirs')}" for key in keys)


def _about(reason: Reason, name: str, lead: str) -> str:
    return f"{lead}{reason.names[name]}" if name in reason.names else ""


_MADE: Mapping[str, Callable[[Reason], str]] = {
    "asked": lambda reason: _terms(reason, "asked"),
    "echoed": lambda reason: _terms(reason, "echoed"),
    "score": lambda reason: _score(reason, ""),
    "other_score": lambda reason: _score(reason, "other_"),
    "differences": _differences,
    "about": lambda reason: _about(reason, "key", " "),
    "in_field": lambda reason: _about(reason, "field", ", field "),
}
"""Parts of a sentence that are made of several facts."""

__all__ = ["alert_message", "alert_title", "objection", "sentence", "spoken", "why"]
