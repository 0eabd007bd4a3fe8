"""Settings as property tests draw them: everything that a file could say and the rules allow."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from perptape.core.config.profiles import PROFILES
from perptape.core.money import trimmed
from perptape.core.settings import (
    AggregationSettings,
    ErrorBreaker,
    GuardSettings,
    SizingSettings,
    StrategySettings,
    TradingSettings,
    VolatilityBreaker,
    WindowSettings,
)

SYMBOLS = ("BTC-PERP", "ETH-PERP", "SOL", "BIP-20DEC30-CDE", "X-Y_Z")


def numbers(least: str, most: str) -> SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), allow_nan=False, places=10).map(trimmed)


POSITIVE = numbers("0.0000000001", "1000000000000000000")
SHARE = numbers("0.0000000001", "1")
SECONDS = st.integers(1, 31_622_400)
PARAMETERS = st.dictionaries(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(lambda name: "token" not in name.lower()),
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    max_size=3,
)


@st.composite
def strategies(draw: st.DrawFn, name: str, symbols: tuple[str, ...], share: Decimal) -> StrategySettings:
    return StrategySettings(
        name=name,
        kind=draw(st.sampled_from(["ma_crossover", "mine.py:Mine", "a b/mine.py:Mine", "pack.age:Mine"])),
        symbols=tuple(draw(st.lists(st.sampled_from(symbols), unique=True))),
        trigger=draw(st.sampled_from(["quote", "candle", "cycle"])),
        capital_share=share,
        priority=draw(st.integers(-1_000_000, 1_000_000)),
        weight=draw(POSITIVE),
        short_allowed=draw(st.booleans()),
        trailing_stop=draw(st.none() | numbers("0.0000000001", "0.9999999999")),
        parameters=draw(PARAMETERS),
    )


@st.composite
def guards(draw: st.DrawFn, symbols: tuple[str, ...]) -> GuardSettings:
    off = st.none()
    return GuardSettings(
        daily_loss_limit=draw(off | POSITIVE),
        drawdown_limit=draw(off | SHARE),
        trade_value_max=draw(off | POSITIVE),
        position_caps=draw(st.dictionaries(st.sampled_from(symbols), POSITIVE)),
        depth_min=draw(off | POSITIVE),
        orders_per_minute_max=draw(off | st.integers(1, 100_000)),
        errors=draw(off | st.builds(ErrorBreaker, window_s=SECONDS, failures=st.integers(1, 10_000))),
        volatility=draw(off | st.builds(VolatilityBreaker, window_s=SECONDS, move=SHARE)),
        underlying_limits=draw(st.dictionaries(st.sampled_from(["BTC", "ETH", "1INCH"]), POSITIVE)),
        wash_trade=draw(st.booleans()),
    )


@st.composite
def trading_settings(draw: st.DrawFn) -> TradingSettings:
    symbols = tuple(draw(st.lists(st.sampled_from(SYMBOLS), unique=True, min_size=1)))
    names = draw(st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,63}", fullmatch=True), unique=True, max_size=3))
    share = trimmed(Decimal(1) / 4)
    return TradingSettings(
        profile=draw(st.sampled_from(tuple(PROFILES))),
        symbols=symbols,
        cycle_s=draw(SECONDS),
        strategies=tuple(draw(strategies(name, symbols, share)) for name in names),
        aggregation=draw(st.builds(AggregationSettings, threshold=numbers("0", "1"))),
        sizing=draw(st.builds(SizingSettings, notional=POSITIVE, notional_max=st.none() | POSITIVE)),
        guards=draw(guards(symbols)),
        windows=draw(st.builds(WindowSettings, length=st.integers(1, 100_000), sample_s=st.integers(0, 60))),
    )
