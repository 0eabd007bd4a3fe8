"""S09: more prices than the window holds."""

from perptape.core.events import QuoteUpdated
from perptape.core.opening import state_bytes
from perptape.replays.oracle import markets_are_as_heard
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


@verifies("exactly 100 kept")
def of_150_prices_the_last_100_are_kept(run: Run) -> None:
    said = [(line.bid + line.ask) / 2 for line in run.all(QuoteUpdated)]
    require_equal(len(said), 150, "prices said")
    window = run.state.markets[BTC].window
    require_equal((len(window.prices), len(window.times)), (100, 100), "prices and times kept")
    require_equal(window.prices, said[50:], "the prices kept")


@verifies("memory flat")
def the_state_grows_until_the_window_is_full_and_no_further(run: Run) -> None:
    quotes = run.lines(QuoteUpdated)
    full, last = (len(state_bytes(run.state_after(quotes[number - 1].version))) for number in (100, 150))
    require(abs(last - full) < 50, f"{full} bytes with 100 prices, {last} with 150")
    half = len(state_bytes(run.state_after(quotes[49].version)))
    require(half < full, f"{half} bytes with 50 prices, {full} with 100")


SCENARIO = Scenario(
    id="S09",
    name="window_limit",
    section="state",
    story="150 marks into a window of 100",
    trading=canary(scripted("puppet", ""), windows={"length": 100, "sample_s": 0}),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 400: 50_400, 745: 50_055})),
    verifies=(
        of_150_prices_the_last_100_are_kept,
        the_state_grows_until_the_window_is_full_and_no_further,
        markets_are_as_heard("exactly 100 kept"),
    ),
)
