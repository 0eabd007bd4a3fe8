from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import Raw

from perptape.core.account import drawdown
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    OpeningState,
    OrderExpired,
    OrderFilled,
    OrderLookedUp,
    OrderOutcomeUnknown,
    OrderRequested,
    ReportedFill,
)
from perptape.core.opening import memories_of, state_bytes, state_digest
from perptape.core.position import net
from perptape.core.state import State
from perptape.replays.report.story import Story, read_story
from perptape.replays.tape import RecordingWriter
from perptape.replays.tape.errors import DamageError
from tests.replays.report.conftest import KILLED_FOR_S, SETTINGS, SYMBOL
from tests.replays.report.tape import CASH, START_NS, Tape, header

pytestmark = pytest.mark.state


def test_counts_what_the_recording_holds(story: Story) -> None:
    counts = story.counts
    assert counts.events == story.last_version == counts.observations + counts.decisions
    assert (counts.orders, counts.fills, counts.blocked, counts.signals) == (1, 1, 1, 3)
    assert (counts.trips, counts.alerts) == (1, 1)


def test_ends_in_the_state_that_the_bot_had(story: Story, tape: tuple[Path, Tape]) -> None:
    state = tape[1].state
    assert story.state_digest == state_digest(state)
    assert story.figures.end_equity == state.account.equity
    assert story.end_ns == state.at_ns
    assert story.start_ns == START_NS


def test_profit_is_what_equity_gained_beyond_transfers(story: Story) -> None:
    figures = story.figures
    assert figures.start_equity == CASH
    assert figures.transfers == 250
    assert figures.adjustments == 0
    assert figures.profit == figures.end_equity - CASH - figures.transfers
    assert figures.profit == figures.realised + figures.unrealised - figures.fees + figures.funding


def test_worst_drawdown_is_the_largest_fall_from_the_peak(story: Story) -> None:
    lowest = min(point.value for point in story.equity)
    peak = CASH + max(point.value - CASH for point in story.equity if point.at_ns < START_NS + 9 * SECOND_NS)
    assert story.figures.worst_drop == peak - lowest
    assert story.figures.worst_drawdown == pytest.approx((peak - lowest) / peak)


def test_a_start_without_a_stop_before_it_is_a_kill_and_a_recovery(story: Story) -> None:
    first, second = story.sessions
    assert first.end == "killed"
    assert second.started_version == first.ended_version + 1
    assert second.started_ns == first.ended_ns + KILLED_FOR_S * SECOND_NS
    assert second.recovery
    assert second.reconciled_version is not None
    assert (second.end, second.reason) == ("stopped", "the files ended")
    assert "Session 1 was killed" in [told.title for told in story.moments]


def test_modes_follow_each_other_without_a_gap(story: Story) -> None:
    assert [band.mode for band in story.modes] == ["normal", "halted", "normal"]
    assert story.modes[1].end_ns - story.modes[1].start_ns == 600 * SECOND_NS
    assert all(one.end_ns == other.start_ns for one, other in zip(story.modes, story.modes[1:], strict=False))
    assert story.modes[-1].end_ns == story.end_ns


def test_a_trip_lasts_until_it_clears(story: Story) -> None:
    [trip] = story.trips
    assert (trip.guard, trip.symbol) == ("staleness", SYMBOL)
    assert trip.end_ns - trip.start_ns == SECOND_NS


def test_an_order_has_its_chain_from_the_quote_to_the_fill(story: Story) -> None:
    [order] = story.orders
    assert [step.event for step in order.steps] == [
        "QuoteUpdated",
        "SignalGenerated",
        "OrderRequested",
        "OrderAccepted",
        "OrderFilled",
    ]
    versions = [step.version for step in order.steps]
    assert versions == list(range(versions[0], versions[0] + 5))
    assert order.status == "filled"
    assert order.fills[0].version == versions[-1]


def test_a_blocked_order_names_guard_and_limit(story: Story) -> None:
    [block] = story.blocks
    assert (block.guard, block.limit) == ("trade_value", Decimal(900))
    assert block.measured > block.limit
    assert [step.event for step in block.steps] == ["QuoteUpdated", "SignalGenerated", "OrderBlocked"]


def test_positions_are_told_in_notional(story: Story) -> None:
    [order] = story.orders
    assert story.exposures[SYMBOL][-1].value == order.size * story.prices[SYMBOL][-1].value
    assert story.figures.leverage_max > 0


def _rising(tape: Tape) -> None:
    tape.start()
    for price in (1000, 1000, 1000, 1000, 990, 1010, 1030, 1050):
        tape.quote(SYMBOL, price)


def test_a_fill_is_counted_once_by_whatever_way_it_comes(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "lookup.jsonl", SETTINGS)
    requests: list[OrderRequested] = []

    def time_out(order: OrderRequested) -> None:
        requests.append(order)
        tape.observe(OrderOutcomeUnknown(order.client_order_id, "timed out"))

    tape.answer_order = time_out
    _rising(tape)
    [order] = requests
    filled = tape.execution(order)
    reported = ReportedFill(**{name: getattr(filled, name) for name in ReportedFill.__struct_fields__})
    tape.observe(
        OrderLookedUp(
            order.client_order_id, True, "filled", "v1", SYMBOL, order.side, order.size, order.size, (reported,), ""
        )
    )
    tape.observe(filled)
    tape.close()
    story = read_story(tmp_path / "lookup.jsonl")
    assert story.counts.fills == 1
    [told] = story.orders
    assert len(told.fills) == 1
    assert told.status == "filled"
    assert "OrderOutcomeUnknown" in [step.event for step in told.steps]


def test_a_fill_of_nobodys_order_is_told_as_external(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "external.jsonl", SETTINGS)
    tape.start()
    tape.quote(SYMBOL, 1000)
    price, size, fee = Decimal(1000), Decimal("0.1"), Decimal("0.05")
    tape.observe(OrderFilled(2, "f1", "", "v9", SYMBOL, "buy", price, size, fee, "taker", tape.at_ns))
    tape.close()
    story = read_story(tmp_path / "external.jsonl")
    [told] = story.orders
    assert (told.purpose, told.status) == ("external", "filled")
    assert story.counts.orders == 0
    assert story.counts.fills == 1


def test_an_order_that_expires_ends_there(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "expired.jsonl", SETTINGS)
    tape.answer_order = tape.accept
    _rising(tape)
    [order] = tape.state.orders.values()
    tape.observe(OrderExpired(0, order.client_order_id, "v1", Decimal(0)))
    tape.close()
    [told] = read_story(tmp_path / "expired.jsonl").orders
    assert (told.status, told.ended_ns, told.fills) == ("expired", tape.at_ns, [])


def test_a_recording_that_opens_with_a_state_tells_only_what_came_after(
    tape: tuple[Path, Tape], tmp_path: Path
) -> None:
    before = tape[1].state
    later = Tape(tmp_path / "cut.jsonl", SETTINGS)
    later.at_ns = before.at_ns
    later.observe(OpeningState(Raw(state_bytes(before)), memories_of(before)))
    later.start(session=3)
    later.close()
    story = read_story(tmp_path / "cut.jsonl")
    assert story.figures.profit == 0
    assert story.figures.fees == 0
    assert story.figures.transfers == 0
    assert story.figures.start_equity == before.account.equity
    assert net(before.account.total) != 0
    assert [session.number for session in story.sessions] == [3]


def test_an_empty_session_is_a_story_too(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "empty.jsonl", header(SETTINGS)):
        pass
    story = read_story(tmp_path / "empty.jsonl")
    assert (story.counts.events, story.start_ns, story.end_ns) == (0, 0, 0)
    assert story.state_digest == state_digest(State())


@pytest.mark.edge_case
def test_a_changed_recording_is_not_told(tape: tuple[Path, Tape], tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_bytes(tape[0].read_bytes().replace(b'"bid":"1029.5"', b'"bid":"1028.5"'))
    with pytest.raises(DamageError):
        read_story(damaged)


def test_drawdown_agrees_with_the_accounts_own(story: Story, tape: tuple[Path, Tape]) -> None:
    assert drawdown(tape[1].state.account) <= story.figures.worst_drawdown
