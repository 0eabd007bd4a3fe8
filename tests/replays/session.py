"""The session that these tests record: twenty rough minutes in which nearly everything happens.

Two symbols, four strategies that often disagree, limits so tight that guards refuse and trip, and a venue that loses,
refuses and delays. Recorded anew in every run, because what is proved here is the way from recording to proof.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from perptape.core.durations import SECOND_NS
from perptape.core.edge.market import MarketDigest, MarketPoint, synthetic_path
from perptape.core.edge.market.conditions import Conditions
from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.core.edge.simulation.exchange.fault_rule import FaultRule
from perptape.core.settings import (
    ErrorBreaker,
    GuardSettings,
    ReconciliationSettings,
    SizingSettings,
    StrategySettings,
    TradingSettings,
    VolatilityBreaker,
    WindowSettings,
)
from perptape.replays.record import Plan

START_NS = 1_736_150_400 * SECOND_NS - 600 * SECOND_NS
"""2025-01-06T07:50:00Z: ten minutes before funding is settled."""
STEP_NS = 5 * SECOND_NS
ROUGH = Conditions(volatility=Decimal("0.05"), spread_bps=Decimal(4), depth=Decimal(60_000))
PRICES = {"BTC-PERP": Decimal(50_000), "ETH-PERP": Decimal(3_000)}

TRADING = TradingSettings(
    cycle_s=30,
    strategies=(
        StrategySettings(
            name="trend",
            kind="ma_crossover",
            trigger="quote",
            capital_share=Decimal("0.5"),
            priority=2,
            trailing_stop=Decimal("0.006"),
            parameters={"fast": 3, "slow": 8},
        ),
        StrategySettings(
            name="bars",
            kind="ma_crossover",
            trigger="candle",
            capital_share=Decimal("0.3"),
            parameters={"fast": 1, "slow": 3},
        ),
        StrategySettings(
            name="reversion",
            kind="rsi_reversion",
            trigger="quote",
            capital_share=Decimal("0.5"),
            priority=1,
            parameters={"period": 5, "oversold": 35, "overbought": 65},
        ),
        StrategySettings(
            name="carry",
            kind="funding_carry",
            capital_share=Decimal("0.3"),
            parameters={"entry_rate": "0.00001", "exit_rate": "0.000001"},
        ),
    ),
    sizing=SizingSettings(method="volatility_scaled", risk_fraction=Decimal("0.0005")),
    guards=GuardSettings(
        daily_loss_limit=Decimal(25),
        trade_value_max=Decimal(2_000),
        position_caps={"BTC-PERP": Decimal("0.04"), "ETH-PERP": Decimal(1)},
        orders_per_minute_max=6,
        volatility=VolatilityBreaker(window_s=60, move=Decimal("0.012"), cooldown_s=60),
        errors=ErrorBreaker(failures=3, cooldown_s=30),
    ),
    windows=WindowSettings(length=30, sample_s=5),
    reconciliation=ReconciliationSettings(every_s=300, settle_s=60),
)

EXCHANGE = ExchangeSettings(
    seed=3,
    request_latency_ms=120,
    report_latency_ms=80,
    settle_ms=500,
    faults=(
        FaultRule("submit", "refuse_rate_limit", nth=3, times=2, retry_after_ms=1_500),
        FaultRule("submit", "lose_answer", nth=8),
        FaultRule("submit", "lose_request", nth=12),
        FaultRule("submit", "refuse", nth=15, code="INSUFFICIENT_FUND"),
        FaultRule("submit", "accept_then_reject", nth=18, code="RISK"),
        FaultRule("report_account", "lose_answer", nth=2),
        FaultRule("look_up", "refuse_rate_limit", nth=1),
    ),
)


def points(steps: int) -> Iterator[MarketPoint]:
    """The market: quotes every five seconds and candles of a minute."""
    return synthetic_path(
        PRICES, ROUGH, seed=7, start_ns=START_NS, steps=steps, step_ns=STEP_NS, candle_ns=60 * SECOND_NS
    )


def plan(steps: int = 240, seed: int = 3) -> Plan:
    """What is recorded: `steps` of the market, from the same start."""
    return Plan(TRADING, EXCHANGE, partial(points, steps), MarketDigest(()), seed)
