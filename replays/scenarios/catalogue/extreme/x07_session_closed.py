"""X07: the venue closes for maintenance."""

from perptape.core.events import (
    CancelRequested,
    ModeChanged,
    OrderBlocked,
    OrderCanceled,
    OrderRequested,
    TradingStatusChanged,
)
from perptape.core.events.reason import Reason
from perptape.replays.oracle import markets_are_as_heard, mode_follows, orders_are_measured
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Run,
    Scenario,
    VenueStatus,
    canary,
    market,
    prices,
    profitable,
    require_equal,
    scripted,
    verifies,
    with_positions,
)

PHRASE = "orders held back, state kept, resumes"


@verifies(PHRASE)
def nothing_is_sent_while_it_is_closed_not_even_an_exit(run: Run) -> None:
    sent = [run.second(call.at_ns) for call in run.called("submit")]
    require_equal([second for second in sent if 30 <= second < 90], [], "orders sent while it is closed")
    blocked = [(line.event.guard, run.second(line.at_ns)) for line in run.lines(OrderBlocked)]
    require_equal(blocked, [("trading_halt", 50), ("trading_halt", 60)], "an entry and an exit held back")
    reason = run.first(OrderBlocked).event.reason
    require_equal(reason, Reason("not_open", names={"symbol": ETH, "status": "closed"}), "the reason")


@verifies(PHRASE)
def what_rests_is_taken_back(run: Run) -> None:
    closed = run.first(TradingStatusChanged, status="closed", symbol=ETH)
    asked = run.line(CancelRequested)
    require_equal(asked.cause, closed.version, "what cancels the resting order")
    require_equal(run.one(OrderCanceled).client_order_id, run.order(2).client_order_id, "what is canceled")


@verifies(PHRASE)
def positions_money_and_mode_stay_as_they_were(run: Run) -> None:
    before, after = run.state_at(29), run.state_at(85)
    require_equal(after.positions[BTC].size, before.positions[BTC].size, "position")
    require_equal(after.account.cash, before.account.cash, "cash")
    require_equal([market.status for market in after.markets.values()], ["closed", "closed"], "statuses")
    run.none(ModeChanged)


@verifies(PHRASE)
def after_the_reopening_entries_and_exits_pass(run: Run) -> None:
    later = [
        (line.event.purpose, line.event.symbol, run.second(line.at_ns)) for line in run.lines(OrderRequested, since=90)
    ]
    require_equal(later, [("entry", ETH, 100), ("exit", BTC, 110)], "orders after it")
    require_equal([market.status for market in run.state.markets.values()], ["open", "open"], "statuses at the end")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="X07",
    name="session_closed",
    section="extreme",
    story="venue maintenance or closed session",
    trading=canary(
        scripted("rests", f"{ETH} 10 buy; {ETH} 50 buy; {ETH} 100 buy", symbols=(ETH,)),
        scripted("puppet", f"{BTC} 5 buy; {BTC} 60 close; {BTC} 110 close", symbols=(BTC,)),
        orders={"entry_type": "post_only"},
    ),
    exchange=with_positions(profitable(BTC)),
    market=market(
        prices(BTC, {0: 50_000, 5: 50_000, 10: 49_980, 100: 49_980, 105: 49_950, 120: 49_950}),
        prices(ETH, {0: 3_000, 120: 3_000}),
    ),
    acts=(
        At(30, VenueStatus(BTC, "closed", "maintenance")),
        At(30, VenueStatus(ETH, "closed", "maintenance")),
        At(90, VenueStatus(BTC, "open", "maintenance is over")),
        At(90, VenueStatus(ETH, "open", "maintenance is over")),
    ),
    verifies=(
        nothing_is_sent_while_it_is_closed_not_even_an_exit,
        what_rests_is_taken_back,
        positions_money_and_mode_stay_as_they_were,
        after_the_reopening_entries_and_exits_pass,
        mode_follows(PHRASE),
        orders_are_measured(PHRASE),
        markets_are_as_heard(PHRASE),
    ),
)
