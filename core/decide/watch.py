"""Watching: guards that trip and clear by themselves as prices and money move."""

from collections.abc import Iterator
from decimal import Decimal

from perptape.core.account import day_loss, drawdown
from perptape.core.decide.modes import clear, trip
from perptape.core.durations import SECOND_NS
from perptape.core.events import Decision, TimerSet
from perptape.core.events.reason import Reason
from perptape.core.market import Market
from perptape.core.money import ZERO, amount, trimmed
from perptape.core.state import State, trip_key
from perptape.core.timer_id import ERRORS, timer_id

_PRICES_AGAIN = Reason("prices_again")


def watch(state: State, market: Market) -> Iterator[Decision]:
    """Trip and clear what this symbol's price, which has just come, and the account's money call for."""
    yield from clear(state, "staleness", market.symbol, _PRICES_AGAIN)
    yield from watch_account(state)
    yield from _watch_volatility(state, market)


def watch_account(state: State) -> Iterator[Decision]:
    """Daily loss and drawdown, on equity as it is now."""
    account, guards = state.account, state.settings.guards
    if not account.known:
        return
    yield from _clear_daily_loss(state)
    limit = guards.daily_loss_limit
    if limit is not None and (loss := day_loss(account)) >= limit:
        reason = Reason("daily_loss", {"loss": trimmed(loss), "limit": trimmed(limit)})
        yield from trip(state, "daily_loss", "", measured=trimmed(loss), limit=limit, mode="reduce_only", reason=reason)
    most = guards.drawdown_limit
    if most is not None:
        fall = drawdown(account)
        if fall >= most:
            measured = trimmed(amount(fall))
            numbers = {
                "drawdown": measured,
                "equity": trimmed(account.equity),
                "peak": trimmed(account.peak_equity),
                "limit": trimmed(most),
            }
            reason = Reason("drawdown", numbers)
            yield from trip(state, "drawdown", "", measured=measured, limit=most, mode="halted", reason=reason)


def _clear_daily_loss(state: State) -> Iterator[Decision]:
    """A daily loss lasts until the UTC day turns, even if the price comes back, or until nobody limits it any more."""
    tripped = state.tripped.get("daily_loss")
    if tripped is None:
        return
    if tripped.day_end_ns != state.account.day_end_ns:
        yield from clear(state, "daily_loss", "", Reason("new_day"))
    elif state.settings.guards.daily_loss_limit is None:
        yield from clear(state, "daily_loss", "", Reason("limit_removed"))


def _watch_volatility(state: State, market: Market) -> Iterator[Decision]:
    breaker = state.settings.guards.volatility
    if breaker is None or market.band_high is None or market.band_low <= market.price <= market.band_high:
        return
    if trip_key("volatility", market.symbol) in state.tripped:
        return
    move = trimmed(amount(price_move(market)))
    numbers = {"move": move, "window_s": Decimal(breaker.window_s), "limit": trimmed(breaker.move)}
    reason = Reason("price_moved", numbers, {"symbol": market.symbol})
    yield from trip(state, "volatility", market.symbol, measured=move, limit=breaker.move, mode="normal", reason=reason)
    due_ns = state.at_ns + breaker.cooldown_s * SECOND_NS
    yield TimerSet(timer_id=timer_id("calm", market.symbol), due_at_ns=due_ns, reason=Reason("volatility_cooldown"))


def price_move(market: Market) -> Decimal:
    """|price / reference - 1|, with the reference in the middle of the volatility band; 0 without a band."""
    if market.band_high is None:
        return ZERO
    reference = (market.band_high + market.band_low) / 2
    return abs(market.price / reference - 1) if reference else ZERO


def watch_errors(state: State) -> Iterator[Decision]:
    """Open the circuit breaker when requests keep failing."""
    breaker = state.settings.guards.errors
    if breaker is None or len(state.error_times) < breaker.failures or "error_rate" in state.tripped:
        return
    count = Decimal(len(state.error_times))
    reason = Reason("requests_failed", {"count": count, "window_s": Decimal(breaker.window_s)})
    yield from trip(
        state,
        "error_rate",
        "",
        measured=count,
        limit=Decimal(breaker.failures),
        mode="normal",
        reason=reason,
    )
    yield from open_again(state, Reason("breaker_cooldown"))


def open_again(state: State, reason: Reason) -> Iterator[Decision]:
    """Leave the circuit breaker open for another cooldown."""
    breaker = state.settings.guards.errors
    if breaker is not None:
        due_ns = state.at_ns + breaker.cooldown_s * SECOND_NS
        yield TimerSet(timer_id=ERRORS, due_at_ns=due_ns, reason=reason)


def is_half_open(state: State) -> bool:
    """Whether the circuit breaker's cooldown is over and an answer of the venue decides whether it closes."""
    return "error_rate" in state.tripped and ERRORS not in state.timers
