"""S04: a position follows its fills."""

from decimal import Decimal

from perptape.core.events import OrderFilled
from perptape.replays.oracle import money_adds_up, parts_add_up
from perptape.replays.scenarios import (
    BTC,
    Run,
    Scenario,
    canary,
    market,
    prices,
    require,
    require_equal,
    scripted,
    thin,
    verifies,
)


@verifies("size and entry price from fills")
def three_levels_of_the_book_make_one_position_at_their_mean(run: Run) -> None:
    fills = run.fills(1)
    require_equal(len(fills), 3, "fills of the order")
    size = sum(fill.size for fill in fills)
    value = sum(fill.size * fill.price for fill in fills)
    position = run.state.positions[BTC]
    require_equal(position.size, size, "size")
    require_equal(position.cost, value, "cost: the sum of price * size")
    require_equal(run.order(1).filled_value / run.order(1).filled_size, value / size, "the order's average price")
    require(len({fill.price for fill in fills}) == 3, "each level has its own price")


@verifies("size and entry price from fills")
def after_each_fill_the_position_is_what_has_filled_so_far(run: Run) -> None:
    held = Decimal(0)
    for line in run.lines(OrderFilled):
        held += line.event.size
        require_equal(run.state_after(line.version).positions[BTC].size, held, f"size after version {line.version}")


@verifies("unrealised PnL starts at zero")
def the_first_fill_is_worth_what_it_cost_but_for_half_the_spread(run: Run) -> None:
    line = run.first(OrderFilled)
    state = run.state_after(line.version)
    position, market_ = state.positions[BTC], state.markets[BTC]
    require_equal(position.unrealised, line.event.size * (market_.price - line.event.price), "unrealised PnL")
    require(abs(position.unrealised) < Decimal("0.05"), f"it starts at {position.unrealised}")
    require_equal(state.account.total.realised, 0, "realised PnL")
    require_equal(state.account.equity, state.account.cash + position.unrealised, "equity")


SCENARIO = Scenario(
    id="S04",
    name="position_after_fill",
    section="state",
    story="fill → position",
    trading=canary(scripted("puppet", f"{BTC} 10 buy"), guards={"slippage_max": None}),
    exchange=thin("200"),
    market=market(prices(BTC, {0: 50_000, 30: 50_000})),
    verifies=(
        three_levels_of_the_book_make_one_position_at_their_mean,
        after_each_fill_the_position_is_what_has_filled_so_far,
        the_first_fill_is_worth_what_it_cost_but_for_half_the_spread,
        money_adds_up("size and entry price from fills"),
        parts_add_up("unrealised PnL starts at zero"),
    ),
)
