"""A killed exchange comes back as it was; a killed bot finds it as it was."""

import asyncio
from contextlib import ExitStack
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from perptape.core.edge.market import MarketPoint
from perptape.core.edge.simulation.exchange import ExchangeSettings, SimulatedExchange
from perptape.core.edge.simulation.exchange.errors import JournalMismatchError, JournalUnusableError
from perptape.core.edge.simulation.exchange.journal import MemoryJournal, Row
from perptape.core.edge.simulation.exchange.simulated import Stage
from perptape.core.errors import SimulationError
from perptape.core.events import CancelRequested, OrderAccepted, OrderFilled
from perptape.core.events.reason import Reason
from tests.core.edge.simulation.exchange.desk import (
    account,
    as_bytes,
    at,
    funding,
    limit,
    look_up,
    only,
    open_exchange,
    order,
    price,
    prices,
    submit,
    take_all,
    take_due,
)
from tests.core.edge.simulation.exchange.trader import Script, Told, trade

POINTS: list[MarketPoint] = [
    price(0, 50_000),
    price(1, 50_200),
    price(2, 49_700),
    funding(3, "0.0003"),
    price(4, 49_000),
    price(5, 51_000),
    price(6, 45_000),
    funding(7, "-0.0001"),
    price(8, 44_000),
]
SCRIPT: Script = {
    3: [order("a", "buy", "0.3"), limit("b", "buy", "0.1", 49_800), limit("c", "sell", "0.2", 50_900)],
    4: [CancelRequested("nothing", Reason("bot_halted")), Decimal(-100)],
    7: [limit("d", "buy", "0.1", 49_500, time_in_force="gtd", expires_at_ns=at(3.5)), order("e", "sell", "0.05")],
    9: [limit("f", "buy", "0.1", 44_500), CancelRequested("f", Reason("bot_halted")), limit("g", "buy", "0.2", 44_800)],
}
VARIANTS = {
    "instant": {"cash": Decimal(6_000)},
    "slow": {"cash": Decimal(6_000), "request_latency_ms": 700, "report_latency_ms": 400},
    "thin": {"cash": Decimal(6_000), "depth": Decimal(3_000), "participation": Decimal("0.5")},
}


def whole_run(settings: ExchangeSettings) -> tuple[Told, list[bytes]]:
    exchange = open_exchange(POINTS, settings)
    told = Told([], [])
    trade(exchange, SCRIPT, told)
    return told, as_bytes([asyncio.run(account(exchange))])


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_run_killed_after_any_message_ends_as_the_run_that_was_not(variant: str, tmp_path: Path) -> None:
    settings = ExchangeSettings(**VARIANTS[variant])  # type: ignore[arg-type]
    whole, final = whole_run(settings)
    assert len(only(whole.messages, OrderFilled)) > 4
    for kill in range(len(whole.messages) + 1):
        told = Told([], [])
        with ExitStack() as left:  # a killed exchange writes nothing more, so it is closed only after all
            exchange = opened(tmp_path / f"{kill}.db", settings, left)
            if kill:
                trade(exchange, SCRIPT, told, last=lambda number, kill=kill: number == kill)  # type: ignore[misc]
            exchange = opened(tmp_path / f"{kill}.db", settings, left)
            exchange.resume(kill)
            trade(exchange, SCRIPT, told)
            assert as_bytes(told.messages) == as_bytes(whole.messages)
            assert as_bytes(told.answers) == as_bytes(whole.answers)
            assert as_bytes([asyncio.run(account(exchange))]) == final


def opened(path: Path, settings: ExchangeSettings, left: ExitStack) -> SimulatedExchange:
    exchange = SimulatedExchange.open(path, lambda: iter(POINTS), settings, "market", synchronous="NORMAL")
    left.callback(exchange.close)
    return exchange


@pytest.mark.parametrize("variant", VARIANTS)
def test_messages_that_the_bot_had_not_made_durable_come_again(variant: str) -> None:
    settings = ExchangeSettings(**VARIANTS[variant])  # type: ignore[arg-type]
    whole, final = whole_run(settings)
    for durable in range(len(whole.messages) + 1):
        journal = MemoryJournal()
        trade(open_exchange(POINTS, settings, journal=journal), SCRIPT, Told([], []))
        exchange = open_exchange(POINTS, settings, journal=journal)
        exchange.resume(durable)
        assert as_bytes(take_all(exchange)) == as_bytes(whole.messages[durable:])
        assert as_bytes([asyncio.run(account(exchange))]) == final


async def test_a_bot_that_lost_its_newest_turns_is_not_told_of_what_lies_in_its_future() -> None:
    journal = MemoryJournal()
    path = prices(50_000, 50_000, 48_000, 48_000)
    exchange = open_exchange(path, journal=journal)
    take_due(exchange)
    await exchange.call(limit("a", "buy", "0.02", 49_000))
    whole = take_all(exchange)
    assert len(only(whole, OrderFilled)) == 1

    exchange = open_exchange(path, journal=journal)
    exchange.resume(3)
    assert (await account(exchange)).fills == ()
    assert [row.kind for row in journal.rows()] == ["submit"]
    assert as_bytes(take_all(exchange)) == as_bytes(whole)
    assert [row.kind for row in journal.rows()] == ["submit", "OrderFilled"]


def test_a_request_after_a_restart_that_was_behind_survives_the_next_restart() -> None:
    settings = ExchangeSettings(cash=Decimal(6_000))
    journal = MemoryJournal()
    exchange = open_exchange(POINTS, settings, journal=journal)
    trade(exchange, SCRIPT, Told([], []), last=lambda number: number == 9)
    exchange = open_exchange(POINTS, settings, journal=journal)
    exchange.resume(4)
    late = asyncio.run(submit(exchange, order("late", "sell", "0.01")))
    assert isinstance(late, OrderAccepted)
    rest = take_all(exchange)
    final = as_bytes([asyncio.run(account(exchange))])
    again = open_exchange(POINTS, settings, journal=journal)
    again.resume(4)
    assert as_bytes(take_all(again)) == as_bytes(rest)
    assert as_bytes([asyncio.run(account(again))]) == final


class Killed(Exception):
    pass


@pytest.mark.parametrize("stage", ["received", "journaled", "answered"])
async def test_a_call_killed_at_any_stage_leaves_one_order(stage: Stage) -> None:
    def kill(reached: Stage) -> None:
        if reached == stage:
            raise Killed

    journal = MemoryJournal()
    exchange = open_exchange(prices(50_000, 50_000), journal=journal, stage=kill)
    take_due(exchange)
    with pytest.raises(Killed):
        await exchange.call(order("a"))
    exchange = open_exchange(prices(50_000, 50_000), journal=journal)
    exchange.resume(3)
    assert (await look_up(exchange, "a")).found == (stage != "received")
    assert isinstance(await submit(exchange, order("a")), OrderAccepted)
    assert [fill.fill_id for fill in only(take_all(exchange), OrderFilled)] == ["sim-fill-1"]
    assert [position.size for position in (await account(exchange)).positions] == [Decimal("0.02")]


async def test_an_order_and_its_fills_are_journaled_together_before_the_answer() -> None:
    journal = MemoryJournal()
    seen: dict[Stage, list[str]] = {}
    exchange = open_exchange(
        prices(50_000), journal=journal, stage=lambda stage: seen.update({stage: [row.kind for row in journal.rows()]})
    )
    take_due(exchange)
    await exchange.call(order("a"))
    assert seen == {
        "received": [],
        "journaled": ["submit", "OrderFilled"],
        "answered": ["submit", "OrderFilled"],
    }


async def test_fills_that_the_market_causes_are_journaled_before_anything_of_that_moment_is_handed_out() -> None:
    journal = MemoryJournal()
    exchange = open_exchange(prices(50_000, 48_000), journal=journal)
    take_due(exchange)
    await exchange.call(limit("a", "buy", "0.02", 49_000))
    assert [row.kind for row in journal.rows()] == ["submit"]
    exchange.take()
    assert [row.kind for row in journal.rows()] == ["submit", "OrderFilled"]


async def test_lookups_leave_no_row() -> None:
    journal = MemoryJournal()
    exchange = open_exchange(prices(50_000), journal=journal)
    await look_up(exchange, "a")
    await account(exchange)
    assert list(journal.rows()) == []


async def test_a_journal_that_cannot_be_written_stops_the_exchange() -> None:
    class FullJournal(MemoryJournal):
        def append(self, rows: object) -> None:  # noqa: ARG002 - a full disk takes nothing
            raise JournalUnusableError("disk full")

    exchange = open_exchange(prices(50_000, 50_000), journal=FullJournal())
    take_due(exchange)
    with pytest.raises(JournalUnusableError, match="disk full"):
        await exchange.call(order("a"))
    with pytest.raises(SimulationError, match="open it again and resume"):
        await exchange.call(order("b"))
    with pytest.raises(SimulationError, match="open it again and resume"):
        exchange.take()


def test_a_journal_with_rows_has_to_be_resumed_first() -> None:
    journal = MemoryJournal()
    trade(open_exchange(POINTS, journal=journal), SCRIPT, Told([], []))
    with pytest.raises(SimulationError, match="call resume first"):
        open_exchange(POINTS, journal=journal).take()


def test_only_a_new_exchange_can_be_resumed() -> None:
    exchange = open_exchange(POINTS)
    exchange.take()
    with pytest.raises(SimulationError, match="resume a newly opened one"):
        exchange.resume(0)


def test_another_market_under_the_same_name_is_noticed() -> None:
    journal = MemoryJournal()
    trade(open_exchange(POINTS, journal=journal), SCRIPT, Told([], []))
    exchange = open_exchange([price(0, 50_001), *POINTS[1:]], journal=journal)
    with pytest.raises(JournalMismatchError, match="the earlier run journaled"):
        exchange.resume(9)
    with pytest.raises(SimulationError, match="its resumption failed"):
        exchange.take()


def test_a_market_that_is_too_short_is_noticed() -> None:
    journal = MemoryJournal()
    exchange = open_exchange(prices(50_000, 50_000, 50_000), journal=journal)
    exchange.resume(5)
    asyncio.run(exchange.call(order("a")))
    with pytest.raises(JournalMismatchError, match="path ends at message 4, before message 5"):
        open_exchange(prices(50_000, 50_000), journal=journal).resume(4)
    with pytest.raises(JournalMismatchError, match="path ends at message 5, before message 1000"):
        open_exchange(prices(50_000, 50_000, 50_000)).resume(1_000)


def test_a_request_at_a_place_that_does_not_exist_is_noticed() -> None:
    journal = MemoryJournal()
    exchange = open_exchange(prices(50_000), journal=journal)
    take_due(exchange)
    asyncio.run(exchange.call(order("a")))
    moved = MemoryJournal()
    moved.append([Row(row.at_ns, row.seq - 1, *row[2:]) for row in journal.rows()])
    with pytest.raises(JournalMismatchError, match="after message 2, this one is at 3"):
        open_exchange(prices(50_000), journal=moved).resume(3)


def test_a_file_of_other_settings_seed_or_market_is_refused(tmp_path: Path) -> None:
    def reopen(settings: ExchangeSettings, digest: str) -> None:
        SimulatedExchange.open(tmp_path / "journal.db", lambda: iter(POINTS), settings, digest).close()

    reopen(ExchangeSettings(), "market")
    reopen(ExchangeSettings(), "market")
    for settings, digest in (
        (ExchangeSettings(spread_bps=Decimal(3)), "market"),
        (ExchangeSettings(seed=2), "market"),
        (ExchangeSettings(), "another"),
    ):
        with pytest.raises(JournalMismatchError):
            reopen(settings, digest)


def test_a_closed_exchange_cannot_be_used() -> None:
    exchange = open_exchange(POINTS)
    exchange.close()
    with pytest.raises(SimulationError, match="it is closed"):
        exchange.take()


def test_the_callers_decimal_context_changes_nothing() -> None:
    def run() -> tuple[list[bytes], list[bytes]]:
        told = Told([], [])
        trade(open_exchange(POINTS, ExchangeSettings(cash=Decimal(6_000))), SCRIPT, told)
        return as_bytes(told.messages), as_bytes(told.answers)

    expected = run()
    with localcontext(prec=6, rounding="ROUND_UP"):
        assert run() == expected
