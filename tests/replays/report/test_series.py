from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from perptape.replays.report.series import BUCKETS_MAX, Point, Sampler

STEPS = st.lists(st.tuples(st.integers(0, 10**12), st.integers(-(10**6), 10**6)), min_size=1, max_size=300)


def sampled(points: list[Point]) -> Sampler:
    sampler = Sampler()
    for point in points:
        sampler.add(*point)
    return sampler


def walk(steps: list[tuple[int, int]]) -> list[Point]:
    at_ns, points = 0, []
    for wait_ns, value in steps:
        at_ns += wait_ns
        points.append(Point(at_ns, Decimal(value)))
    return points


@given(STEPS, st.integers(4, 60))
def test_thinning_keeps_the_extremes_the_ends_and_the_order(steps: list[tuple[int, int]], points_max: int) -> None:
    points = walk(steps)
    kept = sampled(points).points(points_max)
    assert len(kept) <= points_max
    assert min(point.value for point in kept) == min(point.value for point in points)
    assert max(point.value for point in kept) == max(point.value for point in points)
    assert (kept[0].at_ns, kept[-1]) == (points[0].at_ns, points[-1])
    assert [point.at_ns for point in kept] == sorted(point.at_ns for point in kept)
    assert set(kept) <= set(points)


def test_a_spike_of_one_point_in_a_long_series_is_kept() -> None:
    quiet = [Point(second * 10**9, Decimal(100 + second % 2)) for second in range(50_000)]
    quiet[31_415] = Point(31_415 * 10**9, Decimal(999))
    sampler = sampled(quiet)
    assert Point(31_415 * 10**9, Decimal(999)) in sampler.points()
    assert len(sampler.points()) <= 2_000
    assert len(sampler._buckets) <= BUCKETS_MAX


def test_reading_the_points_changes_nothing() -> None:
    sampler = sampled(walk([(10**9, value % 17) for value in range(5_000)]))
    assert sampler.points(8) == sampler.points(8)
    assert len(sampler.points()) > 8


def test_few_points_are_all_kept() -> None:
    points = walk([(10**9, value) for value in (3, 1, 2)])
    assert sampled(points).points() == tuple(points)


def test_nothing_is_no_points() -> None:
    assert Sampler().points() == ()
