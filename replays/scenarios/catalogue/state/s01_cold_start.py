"""S01: a cold start."""

from perptape.core.events import (
    ConfigurationLoaded,
    OrderRequested,
    QuoteUpdated,
    ReconciliationCompleted,
    SessionStarted,
)
from perptape.core.money import ZERO
from perptape.replays.oracle import conditions_are_as_told, markets_are_as_heard, parts_add_up
from perptape.replays.scenarios import (
    BTC,
    ETH,
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


@verifies("all parts ready")
def account_instruments_and_settings_are_known_before_the_first_price(run: Run) -> None:
    first_price = run.first(QuoteUpdated).version
    before = run.state_after(first_price - 1)
    require(before.account.known, "the account was not known before the first price")
    require(not before.reconciliation.required, "the venue was not compared before the first price")
    require_equal(before.account.cash, 10_000, "cash")
    require_equal([m.instrument is not None for m in before.markets.values()], [True, True], "instruments described")
    require_equal(before.settings.profile, "canary", "the settings in force")


@verifies("no positions or orders")
def nothing_is_held_and_nothing_was_ever_ordered(run: Run) -> None:
    require_equal(
        (run.state.positions, run.state.orders, run.state.closed_orders), ({}, {}, {}), "positions and orders"
    )
    run.none(OrderRequested)
    require_equal(run.state.account.total.fills, 0, "fills")
    require_equal(run.state.account.equity, run.state.account.cash, "equity without positions")
    require_equal(run.state.account.unrealised, ZERO, "unrealised PnL")


@verifies("windows empty")
def each_window_is_empty_until_its_symbol_s_first_price(run: Run) -> None:
    for symbol in (BTC, ETH):
        first = run.first(QuoteUpdated, symbol=symbol).version
        require_equal(run.state_after(first - 1).markets[symbol].window.prices, [], f"window of {symbol} before")
        require_equal(len(run.state_after(first).markets[symbol].window.prices), 1, f"window of {symbol} after")


@verifies("background tasks registered before they run")
def the_first_event_of_all_names_the_tasks(run: Run) -> None:
    started = run.line(SessionStarted)
    require_equal(started.version, 1, "version of the session's start")
    require("timers" in started.event.tasks, f"the tasks registered are {started.event.tasks}")
    require("feed" in started.event.tasks, f"the tasks registered are {started.event.tasks}")


@verifies("all parts ready")
def parts_come_up_in_order(run: Run) -> None:
    order = [run.line(kind).version for kind in (SessionStarted, ReconciliationCompleted, ConfigurationLoaded)]
    require_equal(order, sorted(order), "session, account, settings")


SCENARIO = Scenario(
    id="S01",
    name="cold_start",
    section="state",
    story="empty store → first events",
    trading=canary(scripted("puppet", "")),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 60: 50_000}), prices(ETH, {0: 3_000, 60: 3_000})),
    verifies=(
        account_instruments_and_settings_are_known_before_the_first_price,
        nothing_is_held_and_nothing_was_ever_ordered,
        each_window_is_empty_until_its_symbol_s_first_price,
        the_first_event_of_all_names_the_tasks,
        parts_come_up_in_order,
        markets_are_as_heard("windows empty"),
        conditions_are_as_told("all parts ready"),
        parts_add_up("all parts ready"),
    ),
)
