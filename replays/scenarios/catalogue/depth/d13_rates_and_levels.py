"""D13: what the shipped strategies say when a rate, an index or an average is exactly on its level."""

from perptape.core.errors import StrategyLoadError
from perptape.core.events import SignalGenerated
from perptape.core.strategies import build
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    UnmetError,
    canary,
    candles,
    funded,
    funding,
    market,
    prices,
    require_equal,
    strategy,
    verifies,
)
from perptape.replays.scenarios.language.market import Number

PHRASE = "a strategy signals what its levels say, at its own trigger, and refuses levels that can say nothing"
RATES = {
    31: "0.0002", 91: "0.0003", 151: "0.0002", 211: "0.0001", 271: "-0.0003", 331: "-0.0002", 391: "-0.0001",
    451: "0.0007", 511: "0.00009", 571: "0.00045",
}  # fmt: skip
CLOSES: dict[int, Number] = {
    60: 100,
    120: 110,
    180: 100,
    240: 95,
    300: 80,
    360: "88.75",
    420: 88,
    480: 90,
    540: 90,
    600: 97,
}
REFUSED: tuple[tuple[str, dict[str, str | int]], ...] = (
    ("ma_crossover", {"fast": 0, "slow": 5}),
    ("ma_crossover", {"fast": 5, "slow": 5}),
    ("ma_crossover", {"fast": 2, "slow": 5, "confirm": 0}),
    ("rsi_reversion", {"period": 1}),
    ("rsi_reversion", {"oversold": "60"}),
    ("rsi_reversion", {"oversold": "0"}),
    ("rsi_reversion", {"overbought": "100"}),
    ("rsi_reversion", {"overbought": "NaN"}),
    ("funding_carry", {"exit_rate": "0.0003"}),
    ("funding_carry", {"exit_rate": "-0.0001"}),
    ("funding_carry", {"exit_rate": "NaN"}),
    ("funding_carry", {"entry_rate": "Infinity"}),
    ("funding_carry", {"no_such": 1}),
)
TAKEN: tuple[tuple[str, dict[str, str | int]], ...] = (
    ("ma_crossover", {"fast": 1, "slow": 2, "confirm": 1}),
    ("rsi_reversion", {"period": 2, "oversold": "1", "exit_level": "2", "overbought": "99"}),
    ("funding_carry", {"exit_rate": "0", "entry_rate": "0.0001"}),
)


def _said(run: Run, name: str) -> list[tuple[str, str, str]]:
    return [
        (f"{run.second(line.at_ns):f}", line.event.action, f"{line.event.confidence:f}")
        for line in run.lines(SignalGenerated, strategy=name)
    ]


@verifies(PHRASE)
def the_carry_takes_the_paid_side_at_its_rate_and_leaves_within_the_exit_rate(run: Run) -> None:
    said = [
        ("120", "sell", "0.5"),
        ("240", "close", "1"),
        ("300", "buy", "0.5"),
        ("420", "close", "1"),
        ("480", "sell", "1"),
        ("540", "close", "1"),
        ("600", "sell", "0.75"),
    ]
    require_equal(_said(run, "carry"), said, "signals, a cycle after each rate that changes what is wanted")


@verifies(PHRASE)
def the_index_on_its_exit_level_has_not_crossed_it(run: Run) -> None:
    said = [("300", "buy", "0.8148"), ("480", "close", "1"), ("600", "sell", "0.8645")]
    require_equal(_said(run, "candles"), said, "signals at the closes of candles; at 360 s the index is exactly 50")


@verifies(PHRASE)
def equal_averages_are_no_crossing(run: Run) -> None:
    said = [("180", "sell", "1"), ("360", "buy", "1"), ("420", "sell", "0.7122"), ("480", "buy", "1")]
    require_equal(_said(run, "averages"), said, "signals at the closes of candles; from 480 s to 540 s nothing moves")


@verifies(PHRASE)
def levels_that_can_say_nothing_are_refused_and_others_taken(run: Run) -> None:
    require_equal({one.kind for one in run.state.settings.strategies}, {kind for kind, _ in TAKEN}, "kinds")
    for kind, parameters in TAKEN:
        build(kind, parameters)
    for kind, parameters in REFUSED:
        try:
            build(kind, parameters)
        except StrategyLoadError:
            continue
        raise UnmetError(f"{kind} takes {parameters}")


SCENARIO = Scenario(
    id="D13",
    name="rates_and_levels",
    section="depth",
    story="rates, indices and averages arrive exactly at their levels → signals on the right side of each",
    trading=canary(
        strategy("carry", "funding_carry", {}, symbols=(BTC,)),
        strategy("candles", "rsi_reversion", {"period": 2}, symbols=(ETH,), trigger="candle"),
        strategy("averages", "ma_crossover", {"fast": 1, "slow": 2}, symbols=(ETH,), trigger="candle"),
        guards={"volatility": None, "slippage_max": None, "daily_loss_limit": None, "position_caps": {}},
    ),
    exchange=funded(),
    market=market(
        prices(BTC, {0: 50_000, 640: 50_000}),
        prices(ETH, {0: 100, **{second - 5: price for second, price in CLOSES.items()}, 640: 97}),
        candles(ETH, CLOSES),
        funding(BTC, RATES),
    ),
    verifies=(
        the_carry_takes_the_paid_side_at_its_rate_and_leaves_within_the_exit_rate,
        the_index_on_its_exit_level_has_not_crossed_it,
        equal_averages_are_no_crossing,
        levels_that_can_say_nothing_are_refused_and_others_taken,
        *everything("each number of it is what the tape says"),
    ),
)
