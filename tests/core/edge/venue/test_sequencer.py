"""Frames come out in order; what stays missing is told as a gap, and what comes late is handed on as it is (X09)."""

import pytest

from perptape.core.edge.venue.sequencer import Sequencer
from perptape.core.events import Observation, PositionReported, StreamGapDetected
from perptape.core.money import ZERO

MS = 1_000_000


def frame(seq: int) -> Observation:
    return PositionReported(seq, "BTC-PERP", ZERO, ZERO)


def offered(sequencer: Sequencer, *seqs: int, now_ns: int = 0) -> list[int]:
    """Numbers of what the bot hears as these frames arrive; a gap is told as a negative number, the expected one."""
    return heard([message for seq in seqs for message in sequencer.offer(seq, frame(seq), now_ns)])


def seq_of(message: Observation) -> int:
    assert isinstance(message, PositionReported)
    return message.seq


def heard(messages: list[Observation]) -> list[int]:
    return [-each.expected_seq if isinstance(each, StreamGapDetected) else seq_of(each) for each in messages]


@pytest.mark.parametrize(
    ("expected", "arriving", "told"),
    [
        (0, (7, 8, 9), [7, 8, 9]),
        (0, (7, 9, 8, 10), [7, 8, 9, 10]),
        (0, (7, 5, 8), [7, 5, 8]),
        (1, (1, 2, 3), [1, 2, 3]),
        (1, (3, 2, 1, 4), [1, 2, 3, 4]),
        (1, (3, 2), []),
        (1, (1, 2, 2, 1, 3), [1, 2, 2, 1, 3]),
        (4, (4, 6, 6, 5), [4, 5, 6]),
    ],
)
def test_frames_are_put_in_order_and_old_ones_are_handed_on(
    expected: int, arriving: tuple[int, ...], told: list[int]
) -> None:
    assert offered(Sequencer(expected_seq=expected), *arriving) == told


def test_the_patience_runs_from_the_first_frame_that_had_to_wait() -> None:
    sequencer = Sequencer(hold_ms=250, expected_seq=1)
    assert sequencer.due_ns() is None
    assert offered(sequencer, 3, now_ns=10 * MS) == []
    assert offered(sequencer, 4, now_ns=90 * MS) == []
    assert sequencer.due_ns() == 260 * MS
    assert offered(sequencer, 1, 2, now_ns=100 * MS) == [1, 2, 3, 4]
    assert sequencer.due_ns() is None


def test_when_the_patience_is_over_the_gap_is_told_and_life_goes_on_behind_it() -> None:
    sequencer = Sequencer(hold_ms=250, expected_seq=1)
    offered(sequencer, 3, 4, 7, now_ns=0)
    gap, *rest = sequencer.give_up(250 * MS)
    assert gap == StreamGapDetected(channel="market", expected_seq=1, received_seq=3)
    assert heard(rest) == [3, 4]
    assert sequencer.due_ns() == 500 * MS
    assert offered(sequencer, 2, now_ns=300 * MS) == [2]
    assert heard(sequencer.give_up(500 * MS)) == [-5, 7]
    assert (sequencer.due_ns(), offered(sequencer, 8)) == (None, [8])


def test_frames_that_are_known_not_to_come_are_not_missed() -> None:
    sequencer = Sequencer(expected_seq=1)
    offered(sequencer, 3, 6)
    assert heard(sequencer.skip(4)) == [3]
    assert sequencer.due_ns() is not None
    assert offered(sequencer, 5) == [5, 6]
    assert heard(sequencer.skip(2)) == []
    assert offered(sequencer, 7) == [7]


def test_before_the_first_frame_nothing_can_be_skipped() -> None:
    sequencer = Sequencer()
    assert sequencer.skip(9) == []
    assert offered(sequencer, 4) == [4]


def test_what_is_skipped_may_set_free_what_was_held_behind_it() -> None:
    sequencer = Sequencer(expected_seq=1)
    offered(sequencer, 3)
    assert heard(sequencer.skip(2)) == [3]
    assert sequencer.due_ns() is None
