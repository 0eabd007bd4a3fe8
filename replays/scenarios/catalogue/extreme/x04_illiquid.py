"""X04: a wide spread and a thin book."""

from decimal import Decimal

from perptape.core.events import OrderBlocked, OrderRequested
from perptape.replays.oracle import orders_are_measured, signals_are_pursued
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    books,
    canary,
    market,
    marks,
    prices,
    profitable,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)


def _blocked(run: Run, second: int) -> OrderBlocked:
    return run.one(OrderBlocked, since=second, until=second + 5)


@verifies("spread, depth and slippage guards block entries")
def a_spread_of_a_hundred_basis_points_blocks(run: Run) -> None:
    blocked = _blocked(run, 20)
    require_equal((blocked.guard, blocked.limit), ("spread", Decimal("0.005")), "who blocks, and its limit")
    require_equal(blocked.measured, Decimal("0.01"), "500 / 50,000")


@verifies("spread, depth and slippage guards block entries")
def a_book_with_less_at_the_touch_than_is_wanted_blocks(run: Run) -> None:
    blocked = _blocked(run, 40)
    require_equal((blocked.guard, blocked.limit), ("depth", 400), "who blocks, and its limit")
    require_equal(blocked.measured, Decimal("150.015"), "0.003 × 50,005")


@verifies("spread, depth and slippage guards block entries")
def a_price_to_pay_that_is_far_from_the_mark_blocks(run: Run) -> None:
    blocked = _blocked(run, 60)
    require_equal((blocked.guard, blocked.limit), ("slippage", Decimal("0.002")), "who blocks, and its limit")
    require_equal(blocked.measured, Decimal("0.0041"), "(50,205 − 50,000) / 50,000")


@verifies("spread, depth and slippage guards block entries")
def a_sale_is_measured_on_the_other_side_of_the_book(run: Run) -> None:
    blocked = _blocked(run, 70)
    require_equal(
        (blocked.guard, blocked.side, blocked.measured), ("depth", "sell", Decimal("149.985")), "0.003 × 49,995"
    )


@verifies("spread, depth and slippage guards block entries")
def once_the_book_is_ordinary_again_the_entry_passes(run: Run) -> None:
    entry = run.line(OrderRequested, purpose="entry")
    require_equal((entry.event.symbol, run.second(entry.at_ns)), (BTC, 90), "the entry that passes")


@verifies("exits allowed")
def an_exit_leaves_in_the_widest_spread_and_the_thinnest_book(run: Run) -> None:
    left = run.line(OrderRequested, purpose="exit")
    require_equal((left.event.symbol, run.second(left.at_ns)), (BTC, 110), "what leaves, and when")
    require(left.event.reduce_only, "it may do more than reduce")
    require(run.order(left.event.intent).filled_size > 0, "nothing of it filled")


SCENARIO = Scenario(
    id="X04",
    name="illiquid",
    section="extreme",
    story="100 bps spread, thin book",
    trading=canary(
        scripted("puppet", f"{BTC} 20 buy; {BTC} 40 buy; {BTC} 60 buy; {BTC} 70 sell; {BTC} 90 buy; {BTC} 110 close"),
        guards={"depth_min": Decimal(400), "slippage_max": Decimal("0.002"), "position_caps": {}},
    ),
    exchange=with_positions(profitable(ETH)),
    market=market(
        books(
            BTC,
            {
                0: (49_995, 1, 50_005, 1),
                20: (49_750, 1, 50_250, 1),
                40: (49_995, 1, 50_005, "0.003"),
                55: (50_195, 1, 50_205, 1),
                60: (50_195, 1, 50_205, 1),
                70: (49_995, "0.003", 50_005, 1),
                90: (49_995, 1, 50_005, 1),
                110: (49_500, "0.005", 50_500, "0.005"),
                120: (49_500, "0.005", 50_500, "0.005"),
            },
        ),
        marks(BTC, {58: 50_000}),
        prices(ETH, {0: 3_000, 120: 3_000}),
    ),
    verifies=(
        a_spread_of_a_hundred_basis_points_blocks,
        a_book_with_less_at_the_touch_than_is_wanted_blocks,
        a_price_to_pay_that_is_far_from_the_mark_blocks,
        a_sale_is_measured_on_the_other_side_of_the_book,
        once_the_book_is_ordinary_again_the_entry_passes,
        an_exit_leaves_in_the_widest_spread_and_the_thinnest_book,
        orders_are_measured("spread, depth and slippage guards block entries"),
        signals_are_pursued("exits allowed"),
    ),
)
