import pytest

from perptape.core.durations import DAY_NS, MINUTE_NS
from perptape.core.edge.market.intervals import common_spacing_ns, named_interval_ns


def test_the_commonest_spacing_is_the_bar_length() -> None:
    assert common_spacing_ns([0, 1, 2, 5, 6, 9]) == 1


def test_of_two_equally_common_spacings_the_shorter_counts() -> None:
    assert common_spacing_ns([0, 3, 4, 7, 8]) == 1


def test_newest_first_has_the_same_spacing() -> None:
    assert common_spacing_ns([9, 6, 5, 2, 1, 0]) == 1


def test_months_are_as_long_as_the_shortest() -> None:
    assert common_spacing_ns([0, 31 * DAY_NS, 59 * DAY_NS, 90 * DAY_NS]) == 28 * DAY_NS


def test_one_time_has_no_spacing() -> None:
    assert common_spacing_ns([7]) is None


@pytest.mark.parametrize(
    ("name", "minutes"),
    [("BTC-5m-futures", 5), ("x_1m.csv", 1), ("A-PT4H-b", 240), ("BTCUSDT-1d-2024.zip", 1440), ("y_minute_trade", 1)],
)
def test_a_name_tells_the_bar_length(name: str, minutes: int) -> None:
    assert named_interval_ns((name,)) == minutes * MINUTE_NS


def test_months_and_dates_in_names_are_no_bar_length() -> None:
    assert named_interval_ns(("BTCUSDT-1M-20240101.csv",)) is None
