"""S03: prices fill the window."""

from perptape.core.events import QuoteUpdated
from perptape.replays.evidence.tape_event import TapeEvent
from perptape.replays.oracle import markets_are_as_heard
from perptape.replays.scenarios import (
    BTC,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require_equal,
    scripted,
    verifies,
)

LENGTH = 10


def _kept(run: Run) -> list[TapeEvent]:
    return run.lines(QuoteUpdated, symbol=BTC)


@verifies("bounded, oldest out first, timestamps kept")
def the_window_never_holds_more_than_ten(run: Run) -> None:
    lengths = [len(run.state_after(line.version).markets[BTC].window.prices) for line in _kept(run)]
    require_equal(lengths, [*range(1, LENGTH + 1), *[LENGTH] * (len(lengths) - LENGTH)], "length after each price")


@verifies("bounded, oldest out first, timestamps kept")
def it_holds_the_last_ten_in_order(run: Run) -> None:
    said = [(line.event.bid + line.event.ask) / 2 for line in _kept(run)]
    require_equal(run.state.markets[BTC].window.prices, said[-LENGTH:], "prices kept")
    middle = _kept(run)[14]
    require_equal(run.state_after(middle.version).markets[BTC].window.prices, said[5:15], "prices kept after fifteen")


@verifies("bounded, oldest out first, timestamps kept")
def each_price_has_the_time_it_was_heard(run: Run) -> None:
    heard = [line.at_ns for line in _kept(run)]
    require_equal(run.state.markets[BTC].window.times, heard[-LENGTH:], "times kept")


SCENARIO = Scenario(
    id="S03",
    name="mark_windows",
    section="state",
    story="marks arrive → windows fill",
    trading=canary(scripted("puppet", ""), windows={"length": LENGTH, "sample_s": 5}),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 60: 50_600, 120: 50_100})),
    verifies=(
        the_window_never_holds_more_than_ten,
        it_holds_the_last_ten_in_order,
        each_price_has_the_time_it_was_heard,
        markets_are_as_heard("bounded, oldest out first, timestamps kept"),
    ),
)
