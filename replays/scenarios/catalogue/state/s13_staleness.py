"""S13: a symbol falls silent."""

from decimal import Decimal

from perptape.core.events import GuardCleared, GuardTripped, ModeChanged, OrderBlocked, OrderRequested, QuoteUpdated
from perptape.replays.oracle import limits_trip, mode_follows, timers_fire_when_due
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    canary,
    candles,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)


@verifies("per symbol")
def only_the_silent_symbol_is_stale_and_the_other_trades_on(run: Run) -> None:
    tripped = run.one(GuardTripped)
    require_equal((tripped.guard, tripped.symbol, tripped.mode), ("staleness", BTC, "normal"), "what tripped")
    require_equal((tripped.measured, tripped.limit), (30, 30), "seconds of silence and limit")
    last_price = run.last(QuoteUpdated, symbol=BTC, until=30)
    silence = run.line(GuardTripped).at_ns - last_price.at_ns
    require_equal(silence, 30_000_000_000, "time from the last price to the trip")
    require_equal(run.one(OrderRequested, symbol=ETH).purpose, "entry", "the other symbol's order")
    run.none(ModeChanged)


@verifies("per symbol")
def an_entry_is_blocked_and_an_exit_goes_out(run: Run) -> None:
    blocked = run.one(OrderBlocked)
    require_equal((blocked.guard, blocked.symbol, blocked.limit), ("staleness", BTC, 30), "what is blocked")
    require(Decimal(30) < blocked.measured < 60, f"it measured {blocked.measured} s")
    require_equal(blocked.strategy, "enters", "whose entry is blocked")
    leaving = run.line(OrderRequested, symbol=BTC, purpose="exit")
    require(leaving.event.reduce_only, "the exit is not reduce-only")
    require(run.line(GuardTripped).at_ns < leaving.at_ns < run.line(GuardCleared).at_ns, "it left before or after")
    require_equal(run.sleeve(BTC, "leaves").position.size, 0, "what its strategy holds")


@verifies("recovers by itself")
def the_first_fresh_price_clears_it_and_entries_pass_again(run: Run) -> None:
    cleared = run.line(GuardCleared)
    require_equal((cleared.event.guard, cleared.event.symbol), ("staleness", BTC), "what cleared")
    fresh = run.first(QuoteUpdated, symbol=BTC, since=30)
    require_equal(cleared.cause, fresh.version, "what cleared it")
    entry = run.last(OrderRequested, symbol=BTC)
    require_equal((entry.event.purpose, entry.event.strategy), ("entry", "enters"), "the last order")
    require_equal(run.second(entry.at_ns), 102, "second of the entry that passes")
    require_equal(run.state.tripped, {}, "guards tripped at the end")


SCENARIO = Scenario(
    id="S13",
    name="staleness",
    section="state",
    story="no mark for 30 s → reduce-only → fresh marks → normal",
    trading=canary(
        scripted("leaves", f"{BTC} 10 buy; {BTC} 15 close", trigger="candle", symbols=(BTC,)),
        scripted("enters", f"{BTC} 15..16 buy; {BTC} 100 buy", trigger="candle", symbols=(BTC,)),
        scripted("other", f"{ETH} 50 sell", symbols=(ETH,)),
        sizing={"notional": Decimal(300)},
    ),
    exchange=with_positions(),
    market=market(
        prices(BTC, {0: 50_000, 20: None, 85: 50_000, 120: 50_000}),
        prices(ETH, {0: 3_000, 120: 3_000}),
        candles(BTC, {12: 50_000, 60: 50_000, 102: 50_000}),
    ),
    verifies=(
        only_the_silent_symbol_is_stale_and_the_other_trades_on,
        an_entry_is_blocked_and_an_exit_goes_out,
        the_first_fresh_price_clears_it_and_entries_pass_again,
        timers_fire_when_due("recovers by itself"),
        limits_trip("per symbol"),
        mode_follows("per symbol"),
    ),
)
