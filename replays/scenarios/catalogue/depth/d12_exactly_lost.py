"""D12: losses, moves, balances and times that are exactly what they are measured against."""

from decimal import Decimal

from perptape.core.events import (
    BalanceReported,
    CommandApplied,
    GuardCleared,
    GuardTripped,
    OrderRequested,
    ReconciliationRequested,
)
from perptape.core.settings import VolatilityBreaker
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Operator,
    Run,
    Scenario,
    VenueSays,
    books,
    canary,
    funded,
    long,
    market,
    require_equal,
    scripted,
    verifies,
)
from perptape.replays.scenarios.language.market import Number, Path
from perptape.replays.scenarios.language.scenario import START_NS

PHRASE = "a loss that is exactly its limit has reached it, and a move that is exactly its own has not passed it"
MIDNIGHT_NS = START_NS + 16 * 3_600_000_000_000


def _around(symbol: str, half_spread: str, middles: dict[int, Number]) -> Path:
    """Books around these prices, each shown again every 5 s until the next."""
    now, shown = Decimal(0), {}
    half = Decimal(half_spread)
    for second in range(0, 261, 5):
        now = Decimal(middles.get(second, now))
        shown[second] = (now - half, 100, now + half, 100)
    return books(symbol, shown)


@verifies(PHRASE)
def forty_lost_of_forty_trips_and_midnight_itself_is_the_new_day(run: Run) -> None:
    tripped = run.line(GuardTripped, guard="daily_loss")
    require_equal((run.second(tripped.at_ns), tripped.event.measured), (40, Decimal(40)), "0.02 × 2,000")
    require_equal(run.second(run.line(GuardCleared, guard="daily_loss").at_ns), 120, "when it is over")
    require_equal(run.state_at(120).account.day_start_equity, Decimal(9_980), "what the new day begins with")


@verifies(PHRASE)
def a_fall_by_exactly_the_limit_halts(run: Run) -> None:
    tripped = run.line(GuardTripped, guard="drawdown")
    require_equal((run.second(tripped.at_ns), tripped.event.measured), (150, Decimal("0.005")), "50 of 10,000")
    account = run.state_at(170).account
    require_equal((account.peak_equity, account.floor), (Decimal(9_950), Decimal(9_940)), "after the resume")


@verifies(PHRASE)
def a_price_on_the_edge_of_its_band_is_inside(run: Run) -> None:
    tripped = run.first(GuardTripped, guard="volatility", symbol=ETH)
    require_equal(run.second(tripped.at_ns), 25, "not at 20 s, where it has moved by exactly 5 %")


@verifies(PHRASE)
def a_price_on_the_stop_has_reached_it(run: Run) -> None:
    left = run.line(OrderRequested, purpose="trailing_stop")
    require_equal((run.second(left.at_ns), left.event.reference_price), (220, Decimal("2972.97")), "3,003 − 1 %")


@verifies(PHRASE)
def a_balance_of_nothing_or_of_the_most_is_possible(run: Run) -> None:
    asked = [run.second(line.at_ns) for line in run.lines(ReconciliationRequested, since=230)]
    require_equal(asked, [230, 235], "the venue is asked, and nothing trips")


@verifies(PHRASE)
def a_command_at_its_last_moment_is_in_time(run: Run) -> None:
    require_equal(run.second(run.line(CommandApplied, command="cancel_all").at_ns), 100, "when it is applied")


SCENARIO = Scenario(
    id="D12",
    name="exactly_lost",
    section="depth",
    story="equity, price and time arrive exactly at what they are measured against → each on its own side",
    trading=canary(
        scripted("long", f"{ETH} 200 buy", trailing_stop=Decimal("0.01")),
        guards={
            "daily_loss_limit": Decimal(40),
            "drawdown_limit": Decimal("0.005"),
            "volatility": VolatilityBreaker(60, Decimal("0.05"), 30),
            "cash_max": Decimal(20_000),
        },
        windows={"sample_s": 0},
        sizing={"notional": Decimal(300)},
    ),
    exchange=funded(hold=Decimal(0), positions=(long(BTC, "0.02", "50000"),)),
    start_ns=MIDNIGHT_NS - 120_000_000_000,
    market=market(
        _around(BTC, "5", {0: 50_000, 40: 48_000, 60: 49_000, 150: 47_500}),
        _around(ETH, "3", {0: 3_000, 20: 3_150, 25: "3150.5", 130: 3_000, 220: "2972.97"}),
    ),
    acts=(
        At(100, Operator("cancel_all", expires_s=0)),
        At(165, Operator("resume")),
        At(230, VenueSays(BalanceReported(0, Decimal(0), Decimal(0), Decimal(0)))),
        At(235, VenueSays(BalanceReported(0, Decimal(20_000), Decimal(20_000), Decimal(0)))),
    ),
    verifies=(
        forty_lost_of_forty_trips_and_midnight_itself_is_the_new_day,
        a_fall_by_exactly_the_limit_halts,
        a_price_on_the_edge_of_its_band_is_inside,
        a_price_on_the_stop_has_reached_it,
        a_balance_of_nothing_or_of_the_most_is_possible,
        a_command_at_its_last_moment_is_in_time,
        *everything("each number of it is what the tape says"),
    ),
)
