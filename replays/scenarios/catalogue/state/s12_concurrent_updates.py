"""S12: fills of one order arrive from several sources at once."""

from decimal import Decimal

from perptape.core.events import AccountReported, OrderFilled, OrderLookedUp
from perptape.replays.oracle import money_adds_up, orders_are_as_reported
from perptape.replays.scenarios import (
    BTC,
    At,
    FrameFault,
    NetworkSettings,
    Restart,
    Run,
    Scenario,
    canary,
    funded,
    lost,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)


def _sources(run: Run) -> dict[str, list[str]]:
    fills: dict[str, list[str]] = {"feed": [], "lookup": [], "report": []}
    for line in run.events:
        match line.event:
            case OrderFilled():
                fills["feed"].append(line.event.fill_id)
            case OrderLookedUp():
                fills["lookup"] += [fill.fill_id for fill in line.event.fills]
            case AccountReported():
                fills["report"] += [fill.fill_id for fill in line.event.fills]
            case _:
                pass
    return fills


@verifies("serialised")
def each_source_is_an_observation_of_its_own_in_one_order(run: Run) -> None:
    sources = _sources(run)
    require(all(sources.values()), f"a source said nothing: {sources}")
    require_equal([line.version for line in run.events], list(range(1, len(run.events) + 1)), "versions")
    require(set(sources["lookup"]) & set(sources["feed"]) & set(sources["report"]), "no fill came from all three")


@verifies("none lost")
def every_fill_of_the_venue_is_in_the_position(run: Run) -> None:
    at_venue = sum((fill.size if fill.side == "buy" else -fill.size for fill in run.venue.fills), Decimal(0))
    require_equal(run.position(BTC), at_venue, "position")
    heard = {fill_id for fill_ids in _sources(run).values() for fill_id in fill_ids}
    require_equal({fill.fill_id for fill in run.venue.fills}, heard, "fills heard of")
    run.agrees_with_venue()


@verifies("none applied twice")
def three_reports_of_a_fill_count_once(run: Run) -> None:
    require_equal(run.state.account.total.fills, len(run.venue.fills), "fills counted")
    fees = sum(fill.fee for fill in run.venue.fills)
    require_equal(run.state.account.total.fees, fees, "fees")
    require_equal(run.order(1).filled_size, run.order(1).size, "the order's filled size")
    require_equal(run.statuses(1)[-1], "filled", "the order's last status")


SCENARIO = Scenario(
    id="S12",
    name="concurrent_updates",
    section="state",
    story="fills for one position arrive at once from several sources",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {BTC} 40 buy"), guards={"slippage_max": None}),
    exchange=funded(depth=Decimal(200), faults=(lost(answer=True),)),
    network=NetworkSettings(frames=(FrameFault("private", "twice", nth=1, times=9, delay_ms=700),)),
    market=market(prices(BTC, {0: 50_000, 60: 50_000})),
    acts=(At(12, Restart(kill=True)),),
    verifies=(
        each_source_is_an_observation_of_its_own_in_one_order,
        every_fill_of_the_venue_is_in_the_position,
        three_reports_of_a_fill_count_once,
        money_adds_up("none lost"),
        orders_are_as_reported("none applied twice"),
    ),
)
