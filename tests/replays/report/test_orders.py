from collections import Counter
from decimal import Decimal

from perptape.core.events import OrderBlocked, OrderRequested, QuoteUpdated, Side
from perptape.core.events.reason import Reason
from perptape.replays.report.orders import BLOCKS_MAX, ORDERS_MAX, OrderFollower

ONE = Decimal(1)
QUOTE = QuoteUpdated(1, "BTC-PERP", ONE, ONE, ONE, ONE, 0)


def request(number: int, side: Side) -> OrderRequested:
    return OrderRequested(
        intent=number,
        client_order_id=f"order-{number}",
        strategy="trend",
        symbol="BTC-PERP",
        side=side,
        order_type="market",
        size=ONE,
        limit_price=None,
        stop_price=None,
        time_in_force="ioc",
        expires_at_ns=None,
        post_only=False,
        reduce_only=False,
        purpose="entry",
        reference_price=ONE,
        replaces="",
    )


def test_too_many_orders_are_thinned_evenly_over_time_and_sides() -> None:
    follower = OrderFollower()
    number = 10 * ORDERS_MAX
    for count in range(number):
        follower.begin_turn(2 * count, count, QUOTE)
        follower.request(2 * count + 1, count, request(count, "buy" if count % 2 else "sell"))
    kept = list(follower.orders.values())
    assert ORDERS_MAX / 4 < len(kept) <= ORDERS_MAX
    assert number / follower.every / 2 < len(kept) < number / follower.every * 2
    sides = Counter(order.side for order in kept)
    assert min(sides.values()) > len(kept) / 3
    assert kept[0].at_ns < number / 10
    assert kept[-1].at_ns > number * 9 / 10


def test_too_many_blocked_orders_are_thinned_too() -> None:
    follower = OrderFollower()
    for count in range(4 * BLOCKS_MAX):
        follower.begin_turn(2 * count, count, QUOTE)
        blocked = OrderBlocked("trend", "BTC-PERP", "buy", ONE, ONE, "spread", ONE, ONE, Reason("above_limit"))
        follower.block(2 * count + 1, count, blocked)
    assert BLOCKS_MAX / 8 < len(follower.blocks) <= BLOCKS_MAX
    assert follower.blocks_every > 1


def test_few_orders_are_all_kept() -> None:
    follower = OrderFollower()
    follower.begin_turn(1, 1, QUOTE)
    for count in range(ORDERS_MAX):
        follower.request(count + 2, 1, request(count, "buy"))
    assert len(follower.orders) == ORDERS_MAX
    assert follower.every == 1
