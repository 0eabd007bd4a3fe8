"""S10: stop and start again."""

from perptape.core.events import OrderFilled, OrderRequested, SessionStarted, SessionStopped
from perptape.core.opening import open_state, state_bytes, state_digest
from perptape.replays.oracle import (
    conditions_are_as_told,
    markets_are_as_heard,
    money_adds_up,
    orders_are_as_reported,
    parts_add_up,
    states_are_rebuilt,
    timers_fire_when_due,
)
from perptape.replays.scenarios import (
    BTC,
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
    strategy,
    verifies,
)


@verifies("every event survives")
def versions_have_no_gap_and_both_sessions_are_on_one_tape(run: Run) -> None:
    require_equal([line.version for line in run.events], list(range(1, len(run.events) + 1)), "versions")
    kinds = [type(line.event).__name__ for line in run.events if type(line.event) in (SessionStarted, SessionStopped)]
    require_equal(kinds, ["SessionStarted", "SessionStopped"] * 2, "sessions")
    require_equal(run.first(SessionStopped).event.reason, "restart", "why the first one ended")


@verifies("the rebuilt state is the old one")
def a_state_written_and_opened_again_is_the_same_at_every_version(run: Run) -> None:
    for version in range(1, len(run.events), 7):
        state = run.state_after(version)
        require_equal(state_digest(open_state(state_bytes(state))), state_digest(state), f"digest at version {version}")


@verifies("the rebuilt state is the old one")
def windows_and_strategy_memory_go_on_where_they_were(run: Run) -> None:
    stopped = run.first(SessionStopped).version
    before = run.state_after(stopped)
    after = run.state_after(stopped + 1)
    require_equal(after.markets[BTC].window, before.markets[BTC].window, "window")
    require_equal(after.markets[BTC].sleeves, before.markets[BTC].sleeves, "sleeves with their memory")
    require_equal(after.positions, before.positions, "positions")
    require_equal(after.account, before.account, "account")
    require(
        before.markets[BTC].sleeves[0].memory != after.markets[BTC].sleeves[0].logic.initial(), "nothing was learned"
    )


@verifies("every event survives")
def orders_of_both_sessions_are_numbered_in_one_row(run: Run) -> None:
    orders = run.lines(OrderRequested)
    second = run.lines(SessionStarted)[1].version
    require_equal([line.event.intent for line in orders], list(range(1, len(orders) + 1)), "intents")
    require(orders[0].version < second < orders[-1].version, "there are not orders in both sessions")
    require_equal(len(run.all(OrderFilled)), run.state.account.total.fills, "fills counted")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="S10",
    name="persistence",
    section="state",
    story="run → stop → start",
    trading=canary(
        strategy("trend", "ma_crossover", {"fast": 2, "slow": 4, "confirm": 1}, trigger="quote"),
        windows={"sample_s": 0},
    ),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 60: 50_400, 120: 50_000, 180: 50_400, 240: 50_000})),
    acts=(At(122, Restart()),),
    verifies=(
        versions_have_no_gap_and_both_sessions_are_on_one_tape,
        a_state_written_and_opened_again_is_the_same_at_every_version,
        windows_and_strategy_memory_go_on_where_they_were,
        orders_of_both_sessions_are_numbered_in_one_row,
        conditions_are_as_told("every event survives"),
        states_are_rebuilt("the rebuilt state is the old one"),
        money_adds_up("the rebuilt state is the old one"),
        parts_add_up("the rebuilt state is the old one"),
        orders_are_as_reported("the rebuilt state is the old one"),
        markets_are_as_heard("the rebuilt state is the old one"),
        timers_fire_when_due("the rebuilt state is the old one"),
    ),
)
