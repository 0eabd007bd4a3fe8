"""What random sessions are made of: settings, markets, faults, and what happens besides."""

from decimal import Decimal
from typing import Literal, NamedTuple

from hypothesis import strategies as st

from perptape.core.edge.simulation.exchange import ExchangeSettings, FaultRule, OpeningPosition
from perptape.core.edge.simulation.exchange.fault_rule import FaultEffect
from perptape.core.events import (
    CallKind,
    Command,
    TradingStatus,
)
from perptape.core.settings import (
    AggregationSettings,
    ErrorBreaker,
    GuardSettings,
    OrderSettings,
    ReconciliationSettings,
    SizingSettings,
    StrategySettings,
    TradingSettings,
    VolatilityBreaker,
    WindowSettings,
)
from tests.core.builders import BTC, ETH, limits
from tests.core.dice import DICE

Happening = (
    tuple[Literal["command"], Command]
    | tuple[Literal["transfer"], int]
    | tuple[Literal["status"], str, TradingStatus]
    | tuple[Literal["person"], str, int]
    | tuple[Literal["connection"], bool]
    | tuple[Literal["gap"]]
    | tuple[Literal["venue_cancel"]]
    | tuple[Literal["settings"], int]
    | tuple[Literal["kill"]]
)


class Plan(NamedTuple):
    """Everything that shapes a random session."""

    trading: TradingSettings
    exchange: ExchangeSettings
    condition: str
    steps: int
    step_s: int
    happenings: tuple[tuple[int, Happening], ...]
    """What happens besides, after which message of the feed."""
    marks: bool
    """Whether the venue publishes marks and others' trades, and not only quotes."""
    group_events: int


def _maybe(*numbers: str) -> st.SearchStrategy[Decimal | None]:
    return st.sampled_from([None, *(Decimal(number) for number in numbers)])


STRICT = st.builds(
    GuardSettings,
    daily_loss_limit=_maybe("5", "50"),
    drawdown_limit=_maybe("0.005", "0.2"),
    trade_value_max=_maybe("600", "3000"),
    position_caps=st.sampled_from([{}, {BTC: Decimal("0.03"), ETH: Decimal("0.5")}]),
    exposure_share_max=_maybe("0.3"),
    leverage_max=_maybe("1", "5"),
    liquidation_buffer=_maybe("0.15"),
    staleness_s=st.sampled_from([5, 30]),
    spread_max=_maybe("0.005"),
    depth_min=_maybe("10000"),
    slippage_max=_maybe("0.01"),
    orders_per_minute_max=st.sampled_from([None, 10]),
    errors=st.sampled_from([None, ErrorBreaker(window_s=60, failures=3, cooldown_s=20)]),
    volatility=st.sampled_from([None, VolatilityBreaker(window_s=60, move=Decimal("0.02"), cooldown_s=15)]),
    underlying_limits=st.sampled_from([{}, {"BTC": Decimal("0.04")}]),
    wash_trade=st.booleans(),
)
GUARDS = st.one_of(STRICT, st.just(limits()), st.just(limits(daily_loss_limit=20)))
STRATEGIES = st.lists(
    st.builds(
        StrategySettings,
        name=st.sampled_from(["a", "b", "c"]),
        kind=st.just(DICE),
        trigger=st.sampled_from(["quote", "cycle"]),
        capital_share=st.sampled_from([Decimal(1), Decimal("0.4")]),
        priority=st.integers(0, 2),
        short_allowed=st.booleans(),
        trailing_stop=_maybe("0.002", "0.02"),
        parameters=st.fixed_dictionaries(
            {
                "seed": st.integers(0, 99),
                "broken": st.sampled_from([0, 0, 0, 20]),
                "silent_without_signal": st.booleans(),
            }
        ),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda strategy: strategy.name,
).map(tuple)
TRADING = st.builds(
    TradingSettings,
    symbols=st.just((BTC, ETH)),
    cycle_s=st.sampled_from([5, 60]),
    state_digest_every=st.sampled_from([25, 10_000]),
    strategies=STRATEGIES,
    aggregation=st.builds(AggregationSettings, method=st.sampled_from(["priority", "majority", "confidence"])),
    sizing=st.builds(
        SizingSettings,
        method=st.sampled_from(["fixed_notional", "target_leverage"]),
        leverage=st.sampled_from([Decimal(1), Decimal(9)]),
    ),
    orders=st.builds(
        OrderSettings,
        entry_type=st.sampled_from(["market", "limit", "post_only"]),
        limit_ttl_s=st.sampled_from([10, 300]),
        signal_ttl_s=st.sampled_from([3, 60]),
        attempts_max=st.sampled_from([2, 5]),
    ),
    guards=GUARDS,
    windows=st.builds(WindowSettings, length=st.sampled_from([3, 100]), sample_s=st.sampled_from([0, 10])),
    reconciliation=st.builds(
        ReconciliationSettings, every_s=st.sampled_from([30, 3600]), settle_s=st.sampled_from([20, 600])
    ),
)
CALLS: tuple[CallKind, ...] = ("submit", "cancel", "look_up", "report_account")
EFFECTS: tuple[FaultEffect, ...] = (
    "refuse_rate_limit",
    "refuse",
    "reject",
    "accept_then_reject",
    "lose_request",
    "lose_answer",
)
FAULTS = st.builds(
    FaultRule,
    call=st.sampled_from(CALLS),
    effect=st.sampled_from(EFFECTS),
    nth=st.integers(1, 5),
    times=st.integers(1, 6),
    probability=st.sampled_from([Decimal(1), Decimal("0.5")]),
).filter(lambda rule: rule.call == "submit" or rule.effect != "accept_then_reject")
EXCHANGE = st.builds(
    ExchangeSettings,
    seed=st.integers(0, 99),
    positions=st.sampled_from([(), (OpeningPosition(BTC, Decimal("0.02"), Decimal(48_000)),)]),
    levels=st.sampled_from([1, 10]),
    participation=st.sampled_from([Decimal(1), Decimal("0.05")]),
    request_latency_ms=st.sampled_from([0, 0, 700]),
    report_latency_ms=st.sampled_from([0, 0, 1300]),
    settle_ms=st.sampled_from([0, 4000]),
    idempotent_client_ids=st.booleans(),
    funding_interval_s=st.just(28_800),
    faults=st.one_of(st.just(()), st.lists(FAULTS, min_size=2, max_size=6).map(tuple)),
)
HAPPENINGS: st.SearchStrategy[Happening] = st.one_of(
    st.tuples(
        st.just("command"),
        st.sampled_from(["pause", "reduce_only", "halt", "flatten", "cancel_all", "resume", "resume"]),
    ),
    st.tuples(st.just("transfer"), st.integers(-500, 500).filter(bool)),
    st.tuples(
        st.just("status"),
        st.sampled_from([BTC, ETH]),
        st.sampled_from(["open", "open", "halted", "cancel_only", "post_only"]),
    ),
    st.tuples(st.just("person"), st.sampled_from(["market", "limit"]), st.integers(-3, 3).filter(bool)),
    st.tuples(st.just("connection"), st.booleans()),
    st.tuples(st.just("gap")),
    st.tuples(st.just("venue_cancel")),
    st.tuples(st.just("settings"), st.integers(1, 3)),
    st.tuples(st.just("kill")),
)


def plans(steps: int) -> st.SearchStrategy[Plan]:
    """Plans of so many market steps of each symbol."""
    return st.builds(
        Plan,
        trading=TRADING,
        exchange=EXCHANGE,
        condition=st.sampled_from(["normal", "volatile", "illiquid", "stress", "stress"]),
        steps=st.just(steps),
        step_s=st.sampled_from([1, 7]),
        happenings=st.lists(st.tuples(st.integers(3, steps * 2), HAPPENINGS), min_size=2, max_size=16).map(tuple),
        marks=st.booleans(),
        group_events=st.sampled_from([1, 40]),
    )
