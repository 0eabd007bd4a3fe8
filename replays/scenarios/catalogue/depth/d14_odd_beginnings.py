"""D14: trades before the first account report, prices before the first quote, crashes, and echoes of other orders."""

from decimal import Decimal

from perptape.core.events import AccountReported, AlertRaised, DriftDetected, ModeChanged, OrderAccepted
from perptape.core.settings import ErrorBreaker
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    NewCredentials,
    Operator,
    Restart,
    Run,
    Scenario,
    TaskCrashes,
    TradeByHand,
    VenueSays,
    canary,
    funded,
    long,
    lost,
    market,
    marks,
    prices,
    require,
    require_equal,
    scripted,
    trades,
    verifies,
)

PHRASE = "what was there before is taken over once, and what is not as it was asked for is not trusted"


def _echo(size: str, limit: int) -> OrderAccepted:
    return OrderAccepted(0, "1", "sim-order-9", BTC, "buy", "limit", Decimal(size), Decimal(limit), venue_at_ns=0)


@verifies(PHRASE)
def what_was_traded_before_the_first_report_is_in_it_and_counts_once(run: Run) -> None:
    first = run.first(AccountReported)
    require_equal([fill.size for fill in first.event.fills], [Decimal("0.01")], "fills before it")
    require_equal(run.state_at(40).positions[ETH].size, Decimal("0.01"), "held of what was bought by hand")
    require_equal(run.state_at(40).account.total.fills, 0, "fills of the bot's own time")
    require_equal(run.lines(DriftDetected, since=15), [], "differences afterwards")


@verifies(PHRASE)
def an_order_of_another_size_or_price_halts_the_bot(run: Run) -> None:
    halts = [run.second(line.at_ns) for line in run.lines(ModeChanged, cause="venue")]
    require_equal(halts, [100, 140], "when the venue's word is another one")


@verifies(PHRASE)
def the_second_crash_of_a_task_is_told_and_each_that_follows(run: Run) -> None:
    found = run.all(AlertRaised, topic="task_crashing")
    require_equal(len(found), 1 + 24, "alerts: two crashes of one task, 25 of another")
    require(any(alert.reason.numbers["count"] == 20 for alert in found), "no alert counts twenty")


SCENARIO = Scenario(
    id="D14",
    name="odd_beginnings",
    section="depth",
    story="a first report that comes late, a market without quotes, crashes, echoes of other orders → none is misled",
    trading=canary(
        scripted("puppet", f"{BTC} 60 buy; {ETH} 200 buy; {ETH} 230 close"),
        orders={"entry_type": "post_only"},
        guards={"errors": ErrorBreaker(failures=2, cooldown_s=10)},
    ),
    exchange=funded(
        hold=Decimal(0), positions=(long(BTC, "0.02", "49000"),), faults=(lost(answer=True, call="report_account"),)
    ),
    market=market(
        trades(BTC, {0: (49_900, "0.1"), 3: (49_950, "0.1")}),
        marks(ETH, {1: 3_010, 4: 3_005}),
        prices(BTC, {20: 50_000, 260: 50_000}),
        prices(ETH, {3: 3_000, 263: 3_000}),
    ),
    acts=(
        At(2, Restart(kill=True, away_s=10)),
        At(5, TradeByHand(ETH, "buy", Decimal("0.01"))),
        At(50, TaskCrashes("feed", "RuntimeError: gone")),
        At(70, TaskCrashes("feed", "RuntimeError: gone again")),
        At(80, TaskCrashes("inbox", "OSError: no", times=25)),
        At(90, VenueSays(_echo("0.01", 49_995))),
        At(100, VenueSays(_echo("0.02", 49_995))),
        At(110, Operator("resume", actor=" ")),
        At(111, Operator("resume", reason=" ")),
        At(120, Operator("resume")),
        At(140, VenueSays(_echo("0.01", 49_000))),
        At(150, Operator("resume")),
        At(190, NewCredentials("key-2")),
    ),
    verifies=(
        what_was_traded_before_the_first_report_is_in_it_and_counts_once,
        an_order_of_another_size_or_price_halts_the_bot,
        the_second_crash_of_a_task_is_told_and_each_that_follows,
        *everything("each number of it is what the tape says"),
    ),
)
