"""T15: a trailing stop."""

from decimal import Decimal

from perptape.core.events import OrderFilled, OrderRequested, QuoteUpdated
from perptape.replays.oracle import parts_add_up, signals_are_pursued
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Restart,
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


@verifies("peak tracked from events")
def the_stop_follows_the_best_price_and_never_goes_back(run: Run) -> None:
    at_peak = run.sleeve_at(60, BTC, "puppet")
    require_equal((at_peak.best_price, at_peak.stop_price), (51_000, 50_490), "51,000 and 1 % below it")
    later = run.sleeve_at(75, BTC, "puppet")
    require_equal((later.best_price, later.stop_price), (51_000, 50_490), "after the price came back to 50,600")
    stops = [run.state_after(line.version).markets[BTC].sleeves[0].stop_price for line in run.lines(QuoteUpdated)]
    kept = [stop for stop in stops if stop is not None]
    require_equal(kept, sorted(kept), "the stop at every price")


@verifies("peak tracked from events")
def a_short_is_trailed_from_its_lowest_price(run: Run) -> None:
    at_low = run.sleeve_at(60, ETH, "puppet")
    require_equal((at_low.best_price, at_low.stop_price), (2_900, 2_929), "2,900 and 1 % above it")
    left = run.one(OrderRequested, symbol=ETH, purpose="trailing_stop")
    require_equal((left.side, left.size, left.reduce_only), ("buy", Decimal("0.166"), True), "the short's exit")
    require(2_929 <= left.reference_price < 2_940, f"it left at {left.reference_price:f}")


@verifies("survives a restart")
def the_next_process_knows_peak_and_stop(run: Run) -> None:
    before, after = run.sleeve_at(79, BTC, "puppet"), run.sleeve_at(90, BTC, "puppet")
    require_equal((run.state_at(79).session, run.state_at(90).session), (1, 2), "sessions")
    require_equal((after.best_price, after.stop_price), (before.best_price, before.stop_price), "peak and stop")
    left = run.line(OrderRequested, symbol=BTC, purpose="trailing_stop")
    require_equal(run.state_after(left.version).session, 2, "the session in which it leaves")


@verifies("one exit only")
def at_the_first_price_through_the_stop_all_is_sold_once(run: Run) -> None:
    left = run.line(OrderRequested, symbol=BTC, purpose="trailing_stop")
    require_equal((left.event.side, left.event.size), ("sell", Decimal("0.01")), "the exit")
    require(left.event.reference_price <= 50_490, f"it left at {left.event.reference_price:f}")
    earlier = run.lines(QuoteUpdated, symbol=BTC, since=60, until=run.second(left.at_ns))
    require(all((line.event.bid + line.event.ask) / 2 > 50_490 for line in earlier), "it could have left before")
    require_equal(len(run.all(OrderFilled, symbol=BTC, side="sell")), 1, "sales")
    require_equal(run.sleeve(BTC, "puppet").stop_price, None, "the stop afterwards")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="T15",
    name="trailing_stop",
    section="trading",
    story="price runs, then falls by the trail → exit",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {ETH} 10 sell", trailing_stop=Decimal("0.01"))),
    exchange=funded(),
    market=market(
        prices(BTC, {0: 50_000, 20: 50_000, 55: 51_000, 60: 51_000, 75: 50_600, 100: 50_600, 120: 50_000, 150: 49_000}),
        prices(ETH, {0: 3_000, 20: 3_000, 55: 2_900, 60: 2_900, 110: 2_950, 150: 2_950}),
    ),
    acts=(At(80, Restart(away_s=5)),),
    verifies=(
        the_stop_follows_the_best_price_and_never_goes_back,
        a_short_is_trailed_from_its_lowest_price,
        the_next_process_knows_peak_and_stop,
        at_the_first_price_through_the_stop_all_is_sold_once,
        parts_add_up("peak tracked from events"),
        signals_are_pursued("one exit only"),
    ),
)
