"""Receipt time: the wall clock's at the start, never going back, whatever is done to the wall clock (S17)."""

import time

import pytest

from perptape.core.durations import HOUR_NS, SECOND_NS
from perptape.core.edge.time.receipt_clock import ReceiptClock, elapsed_source
from tests.core.edge.live.manual_time import ManualTime

START_NS = 1_767_268_800 * SECOND_NS


class Hands(ManualTime):
    """Clocks whose hands the test moves."""

    def __init__(self) -> None:
        super().__init__(START_NS)
        self.monotonic = 77 * SECOND_NS

    def run(self, seconds: float) -> None:
        self.monotonic += round(seconds * SECOND_NS)
        self.wall += round(seconds * SECOND_NS)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def clock(hands: Hands) -> ReceiptClock:
    return ReceiptClock(hands.wall_ns, hands.monotonic_ns)


def test_it_begins_with_the_wall_clock_and_goes_on_with_what_elapses(hands: Hands, clock: ReceiptClock) -> None:
    assert clock.now_ns() == START_NS
    hands.run(2.5)
    assert clock.now_ns() == START_NS + 2_500_000_000


@pytest.mark.parametrize("jump_ns", [-HOUR_NS, HOUR_NS])
def test_it_does_not_follow_a_wall_clock_that_jumps(hands: Hands, clock: ReceiptClock, jump_ns: int) -> None:
    hands.wall += jump_ns
    hands.run(1)
    assert clock.now_ns() == START_NS + SECOND_NS


def test_it_never_goes_back_even_if_the_monotonic_clock_does(hands: Hands, clock: ReceiptClock) -> None:
    hands.run(5)
    assert clock.now_ns() == START_NS + 5 * SECOND_NS
    hands.run(-3)
    assert clock.now_ns() == START_NS + 5 * SECOND_NS
    hands.run(4)
    assert clock.now_ns() == START_NS + 6 * SECOND_NS


@pytest.mark.parametrize("jump_ns", [-HOUR_NS, HOUR_NS, 2 * SECOND_NS, SECOND_NS + 1, -SECOND_NS - 1])
def test_a_jump_is_told_once(hands: Hands, clock: ReceiptClock, jump_ns: int) -> None:
    assert clock.jump() == 0
    hands.run(10)
    hands.wall += jump_ns
    hands.run(10)
    assert clock.jump() == jump_ns
    hands.run(10)
    assert clock.jump() == 0


def test_there_and_back_again_are_two_jumps(hands: Hands, clock: ReceiptClock) -> None:
    hands.wall += HOUR_NS
    assert clock.jump() == HOUR_NS
    hands.wall -= HOUR_NS
    assert clock.jump() == -HOUR_NS


@pytest.mark.parametrize("jump_ns", [SECOND_NS, -SECOND_NS, 1])
def test_a_small_correction_is_no_jump(hands: Hands, clock: ReceiptClock, jump_ns: int) -> None:
    hands.wall += jump_ns
    assert clock.jump() == 0


def test_small_corrections_add_up(hands: Hands, clock: ReceiptClock) -> None:
    told = []
    for _ in range(10):
        hands.wall += 300_000_000
        told.append(clock.jump())
    assert told == [0, 0, 0, 1_200_000_000, 0, 0, 0, 1_200_000_000, 0, 0]


def test_the_tolerance_can_be_another(hands: Hands) -> None:
    clock = ReceiptClock(hands.wall_ns, hands.monotonic_ns, tolerance_ns=10)
    hands.wall += 11
    assert clock.jump() == 11


def test_a_suspended_machine_is_a_jump_for_a_monotonic_clock_that_stood_still(
    hands: Hands, clock: ReceiptClock
) -> None:
    hands.wall += HOUR_NS
    hands.run(1)
    assert clock.jump() == HOUR_NS


def test_a_session_goes_on_after_the_end_of_the_tape_though_the_wall_clock_was_set_back(
    hands: Hands, clock: ReceiptClock
) -> None:
    clock.begin(START_NS + HOUR_NS)
    assert clock.now_ns() == START_NS + HOUR_NS
    hands.run(1)
    assert clock.now_ns() == START_NS + HOUR_NS + SECOND_NS
    assert clock.jump() == -HOUR_NS
    assert clock.jump() == 0


def test_a_tape_that_ended_before_changes_nothing(hands: Hands, clock: ReceiptClock) -> None:
    clock.begin(START_NS - HOUR_NS)
    assert (clock.now_ns(), clock.jump()) == (START_NS, 0)
    hands.run(1)
    assert clock.now_ns() == START_NS + SECOND_NS


def test_the_real_sources_agree_with_the_machine() -> None:
    clock = ReceiptClock()
    assert abs(clock.now_ns() - time.time_ns()) < SECOND_NS
    assert clock.jump() == 0


def test_time_suspended_counts_where_the_kernel_counts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert elapsed_source()() <= elapsed_source()()

    def refused(_clock: int) -> int:
        raise OSError("no such clock")

    monkeypatch.setattr(time, "clock_gettime_ns", refused)
    assert elapsed_source() is time.monotonic_ns
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    assert elapsed_source() is time.monotonic_ns
