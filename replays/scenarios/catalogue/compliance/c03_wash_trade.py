"""C03: one strategy would trade against another's resting order."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from perptape.core.events import OrderBlocked, OrderFilled, OrderRequested
from perptape.replays.oracle import orders_are_measured, signals_are_pursued
from perptape.replays.proof.player import replay_file
from perptape.replays.scenarios import (
    BTC,
    Run,
    Scenario,
    canary,
    funded,
    market,
    play,
    prices,
    require_equal,
    scripted,
    verifies,
)


@verifies("prevented")
def a_sale_into_the_bots_own_bid_is_blocked(run: Run) -> None:
    blocked = run.line(OrderBlocked)
    require_equal((blocked.event.guard, blocked.event.strategy), ("wash_trade", "seller"), "who blocks whom")
    require_equal(run.second(blocked.at_ns), 40, "when")
    bid = run.order(2)
    require_equal((bid.strategy, bid.side, bid.limit_price), ("buyer", "buy", Decimal("49985.0")), "what rests")
    require_equal(
        (blocked.event.side, blocked.event.price), ("sell", bid.limit_price), "the sale, at the bot's own bid"
    )
    require_equal(blocked.event.limit, bid.limit_price, "the resting order's price")
    require_equal(blocked.event.reason.names, {"order": bid.client_order_id}, "whose order it would meet")


@verifies("prevented")
def the_sale_never_reaches_the_venue_while_the_bid_rests(run: Run) -> None:
    sent = [run.second(call.at_ns) for call in run.called("submit")]
    require_equal(sent, [10, 30, 80], "orders sent: entry, bid, and the sale afterwards")
    require_equal(run.lines(OrderFilled, since=30, until=80), [], "fills while both want to trade")
    require_equal(run.state_at(45).orders[run.order(2).client_order_id].status, "open", "the bid then")


@verifies("prevented")
def once_the_bid_is_gone_the_sale_passes(run: Run) -> None:
    require_equal(run.order(2).status, "expired", "the bid")
    left = run.line(OrderRequested, intent=3)
    require_equal((left.event.strategy, left.event.purpose), ("seller", "exit"), "what leaves")
    require_equal(run.order(3).status, "filled", "its status")
    run.agrees_with_venue()


@verifies("the verdict replayable")
def replaying_gives_the_same_verdict_from_the_same_prices(run: Run) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c03.jsonl"
        play(SCENARIO).write(path)
        replay = replay_file(path)
    require_equal(replay.divergence, None, "divergence")
    require_equal(replay.reproduced, sum(line.cause is not None for line in run.events), "decisions reproduced")


SCENARIO = Scenario(
    id="C03",
    name="wash_trade",
    section="compliance",
    story="one strategy would trade against another's resting order",
    trading=canary(
        scripted("seller", f"{BTC} 10 buy; {BTC} 40 close; {BTC} 80 close"),
        scripted("buyer", f"{BTC} 30 buy"),
        orders={"entry_type": "post_only", "limit_ttl_s": 40},
    ),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 10: 50_000, 15: 49_990, 120: 49_990})),
    verifies=(
        a_sale_into_the_bots_own_bid_is_blocked,
        the_sale_never_reaches_the_venue_while_the_bid_rests,
        once_the_bid_is_gone_the_sale_passes,
        replaying_gives_the_same_verdict_from_the_same_prices,
        orders_are_measured("prevented"),
        signals_are_pursued("the verdict replayable"),
    ),
)
