"""D01: what the moving-average crossover and the RSI reversion say, price by price."""

from perptape.core.events import OrderFilled, OrderRequested, SignalGenerated
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require_equal,
    strategy,
    verifies,
)

CROSSOVER = "the crossover signals a confirmed crossing and nothing else"
REVERSION = "the reversion signals entering a zone and the way back"
BTC_CLOSES = (1000, 1000, 1000, 1000, 1001, 1002, 1001, 999, 998, 1000, 1004, 1004, 1001, 1004, 1006, 1000, 995, 994)
ETH_CLOSES = (100, 102, 101, 99, 96, 96, 99, 102, 105, 104, 100, 99, 104, 100, 94, 95, 99, 101)


def _said(run: Run, symbol: str) -> list[tuple[str, str, str]]:
    return [
        (f"{run.second(line.at_ns):f}", line.event.action, f"{line.event.confidence:f} {line.event.reason}")
        for line in run.lines(SignalGenerated, symbol=symbol)
    ]


@verifies(CROSSOVER)
def it_speaks_at_the_second_price_of_a_crossing_with_a_confidence_that_grows_with_the_distance(run: Run) -> None:
    said = [
        ("80", "sell", "0.575 the mean of 2 prices fell below that of 4: 998.5 < 1000"),
        ("110", "buy", "0.6248 the mean of 2 prices rose above that of 4: 1004 > 1001.5"),
        ("170", "sell", "0.7128 the mean of 2 prices fell below that of 4: 994.5 < 998.75"),
    ]
    require_equal(_said(run, BTC), said, "signals; the first order of the averages, at 50 s, is none")


@verifies(CROSSOVER)
def each_crossing_turns_the_position_round(run: Run) -> None:
    sides = [(run.second(line.at_ns), line.event.side) for line in run.lines(OrderRequested, symbol=BTC)]
    require_equal(sides, [(80, "sell"), (110, "buy"), (170, "sell")], "orders")
    held = [run.state_after(line.version).positions[BTC].size > 0 for line in run.lines(OrderFilled, symbol=BTC)]
    require_equal(held, [False, True, False], "whether a long is held after each fill")


@verifies(REVERSION)
def it_enters_on_the_way_out_and_leaves_on_the_way_back(run: Run) -> None:
    said = [
        ("40", "buy", "0.6491 RSI 21.05 fell below 30"),
        ("60", "close", "1 RSI 61.78 rose through 50: the long has reverted"),
        ("70", "sell", "0.6409 RSI 78.46 rose above 70"),
        ("100", "close", "1 RSI 36.48 fell through 50: the short has reverted"),
        ("140", "buy", "0.6345 RSI 21.93 fell below 30"),
        ("160", "close", "1 RSI 57.15 rose through 50: the long has reverted"),
    ]
    require_equal(_said(run, ETH), said, "signals, by Wilder's averages over 3 changes")


@verifies(REVERSION)
def crossing_the_middle_without_a_position_says_nothing(run: Run) -> None:
    quiet = run.lines(SignalGenerated, symbol=ETH, since=110, until=140)
    require_equal(quiet, [], "signals at 120 s and 130 s, where the index crosses 50 up and down")
    require_equal(run.position(ETH), 0, "what is held at the end")


SCENARIO = Scenario(
    id="D01",
    name="shipped_strategies",
    section="depth",
    story="prices cross their averages and leave their range → the shipped strategies say so, once",
    trading=canary(
        strategy("cross", "ma_crossover", {"fast": 2, "slow": 4, "confirm": 2}, symbols=(BTC,), trigger="quote"),
        strategy("revert", "rsi_reversion", {"period": 3}, symbols=(ETH,), trigger="quote"),
        guards={
            "volatility": None,
            "slippage_max": None,
            "daily_loss_limit": None,
            "position_caps": {},
            "trade_value_max": None,
        },
    ),
    exchange=funded(),
    market=market(
        prices(BTC, {10 * n: close for n, close in enumerate(BTC_CLOSES)}, every_s=10),
        prices(ETH, {10 * n: close for n, close in enumerate(ETH_CLOSES)}, every_s=10),
    ),
    verifies=(
        it_speaks_at_the_second_price_of_a_crossing_with_a_confidence_that_grows_with_the_distance,
        each_crossing_turns_the_position_round,
        it_enters_on_the_way_out_and_leaves_on_the_way_back,
        crossing_the_middle_without_a_position_says_nothing,
        *everything("each signal and each order is what it has to be"),
    ),
)
