"""S05: a full close leaves nothing behind."""

from decimal import Decimal

from perptape.core.events import OrderFilled
from perptape.core.money import ZERO
from perptape.replays.oracle import money_adds_up, parts_add_up
from perptape.replays.scenarios import (
    BTC,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)


@verifies("realised PnL recorded")
def it_is_the_difference_of_the_two_prices_times_the_size(run: Run) -> None:
    bought, sold = run.all(OrderFilled)
    earned = sold.size * (sold.price - bought.price)
    require_equal(sold.size, bought.size, "size sold")
    account, symbol = run.state.account.total, run.state.results[BTC]
    require_equal((account.realised, symbol.realised), (earned, earned), "realised PnL of account and symbol")
    require_equal(run.sleeve(BTC, "puppet").result.realised, earned, "realised PnL of the strategy")
    require_equal(account.fees, bought.fee + sold.fee, "fees")
    require_equal((account.fills, symbol.fills), (2, 2), "fills")
    require_equal(run.state.account.cash, 10_000 + earned - bought.fee - sold.fee, "cash")
    require(earned > 4, f"a rise of 1 % on 500 USD earned {earned}")


@verifies("nothing left behind")
def neither_position_nor_order_nor_exposure_is_left(run: Run) -> None:
    require_equal((run.state.positions, run.state.orders), ({}, {}), "positions and working orders")
    sleeve = run.sleeve(BTC, "puppet")
    left = (sleeve.position.size, sleeve.position.cost, sleeve.best_price, sleeve.stop_price)
    require_equal(left, (ZERO, ZERO, None, None), "the strategy's position and stop")
    require_equal(run.state.account.equity, run.state.account.cash, "equity is cash")
    require_equal(run.venue.account.holdings, {}, "holdings at the venue")


SCENARIO = Scenario(
    id="S05",
    name="position_removed",
    section="state",
    story="full close → removed",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {BTC} 60 close", trailing_stop=Decimal("0.02"))),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 20: 50_000, 50: 50_500, 90: 50_500})),
    verifies=(
        it_is_the_difference_of_the_two_prices_times_the_size,
        neither_position_nor_order_nor_exposure_is_left,
        money_adds_up("realised PnL recorded"),
        parts_add_up("nothing left behind"),
    ),
)
