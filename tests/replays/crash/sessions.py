"""The sessions that are killed: each a plan with something in it that a crash could spoil."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from perptape.core.edge.market import MarketDigest, MarketPoint, synthetic_path
from perptape.core.edge.market.conditions import VOLATILE
from perptape.core.edge.simulation.exchange import ExchangeSettings, FaultRule
from perptape.core.settings import (
    GuardSettings,
    OrderSettings,
    ReconciliationSettings,
    SizingSettings,
    StrategySettings,
    TradingSettings,
    WindowSettings,
)
from perptape.replays.record import Plan

PRICES = {"BTC-PERP": Decimal(50_000), "ETH-PERP": Decimal(3_000)}
FUNDING_NS = 1_736_150_400_000_000_000
"""2025-01-06T08:00:00Z, when funding is settled: every session passes it in its middle."""
STEP_NS = 10_000_000_000
STEPS = 100
SEED = 7

CROSSOVER = StrategySettings(
    name="crossover", kind="ma_crossover", trigger="quote", parameters={"fast": 3, "slow": 7, "confirm": 1}
)
TRADING = TradingSettings(
    profile="crash",
    strategies=(CROSSOVER,),
    sizing=SizingSettings(notional=Decimal(900)),
    guards=GuardSettings(trade_value_max=Decimal(2_500), daily_loss_limit=Decimal(200), spread_max=Decimal("0.05")),
    windows=WindowSettings(sample_s=0, length=20),
    reconciliation=ReconciliationSettings(every_s=300, settle_s=60),
)
EXCHANGE = ExchangeSettings(seed=SEED)


class Session(Struct, frozen=True):
    """One kind of session."""

    trading: TradingSettings = TRADING
    exchange: ExchangeSettings = EXCHANGE
    steps: int = STEPS
    same_as_unkilled: bool = True
    """Whether a killed run ends as one that was not. It cannot where the venue refused and keeps no trace of that:
    only the process that died was told, and its successor, which finds no order there, sends it."""
    by_point: bool = False
    """Whether every point of the market is a moment, too."""


def _trading(entry_type: str, **changes: Any) -> TradingSettings:
    orders = OrderSettings(entry_type=entry_type, limit_ttl_s=45)  # type: ignore[arg-type]
    return replace(TRADING, orders=orders, **changes)


def _exchange(**changes: Any) -> ExchangeSettings:
    return replace(EXCHANGE, **changes)


def _faults(*rules: FaultRule) -> ExchangeSettings:
    return _exchange(faults=rules)


SHORT = {
    "default_settings": Session(TradingSettings(), steps=20),
    "market": Session(),
    "limit": Session(_trading("limit")),
    "post_only": Session(_trading("post_only")),
    "partial_fills": Session(
        _trading("post_only"), _exchange(participation=Decimal("0.0005"), depth=Decimal(2_000), levels=2)
    ),
    "trailing_stop": Session(replace(TRADING, strategies=(replace(CROSSOVER, trailing_stop=Decimal("0.002")),))),
    "stale_prices": Session(_trading("post_only", guards=replace(TRADING.guards, staleness_s=8))),
    "slow_cancels": Session(
        _trading("post_only", guards=replace(TRADING.guards, staleness_s=8)),
        _exchange(request_latency_ms=900, report_latency_ms=600),
    ),
    "cycle": Session(replace(TRADING, cycle_s=15, strategies=(replace(CROSSOVER, trigger="cycle"),))),
    "latency": Session(TRADING, _exchange(request_latency_ms=40, report_latency_ms=25)),
    "slow_limit": Session(_trading("limit"), _exchange(request_latency_ms=400, report_latency_ms=250)),
    "lost_answers": Session(TRADING, _faults(FaultRule("submit", "lose_answer", nth=2, times=3))),
    "lost_requests": Session(TRADING, _faults(FaultRule("submit", "lose_request", nth=2, times=2))),
    "rate_limited": Session(
        TRADING,
        # Told to wait, but for less than a step: a successor that sends at once meets the same price.
        _faults(FaultRule("submit", "refuse_rate_limit", nth=3, times=2, retry_after_ms=1_500)),
    ),
    "rejected_late": Session(TRADING, _faults(FaultRule("submit", "accept_then_reject", nth=2, times=3))),
    "refused": Session(
        TRADING,
        _faults(
            FaultRule("submit", "reject", nth=2),
            FaultRule("submit", "refuse", nth=4),
            FaultRule("submit", "refuse_rate_limit", nth=6, times=2, retry_after_ms=12_000),
        ),
        same_as_unkilled=False,
    ),
}

LONG = Session(
    _trading("post_only", strategies=(replace(CROSSOVER, trailing_stop=Decimal("0.004")),)),
    _faults(FaultRule("submit", "lose_answer", times=0, probability=Decimal("0.1"))),
    steps=1_500,
    by_point=True,
)
SESSIONS = {**SHORT, "long": LONG}


def points(seed: int, steps: int) -> Iterator[MarketPoint]:
    """The market of a session, around the moment at which funding is settled."""
    start_ns = FUNDING_NS - steps // 2 * STEP_NS
    return synthetic_path(PRICES, VOLATILE, seed=seed, start_ns=start_ns, steps=steps, step_ns=STEP_NS)


def plan(name: str, seed: int = SEED) -> Plan:
    """What is recorded in a session of this name."""
    session = SESSIONS[name]
    market = MarketDigest((), (("crash", f"{seed} {session.steps}"),))
    exchange = replace(session.exchange, seed=seed)
    return Plan(session.trading, exchange, partial(points, seed, session.steps), market, seed)
