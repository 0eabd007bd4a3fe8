"""Marks and funding are kept where there are prices beside them, and left out before the first and after the last."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.edge.market.points import (
    BookPoint,
    CandlePoint,
    FundingPoint,
    MarketPoint,
    MarkPoint,
    PricePoint,
    TradePoint,
)
from perptape.core.edge.market.rows import CandleRow
from perptape.core.edge.market.trimming import within_prices

ONE = Decimal(1)
BTC = "BTC-PERP"


def point(kind: str, at_ns: int) -> MarketPoint:
    """A point of the kind that the letter names."""
    match kind:
        case "m":
            return MarkPoint(at_ns, BTC, ONE)
        case "f":
            return FundingPoint(at_ns, BTC, ONE)
        case "c":
            return CandlePoint(at_ns, BTC, CandleRow(at_ns - 1, at_ns, ONE, ONE, ONE, ONE, ONE))
        case "p":
            return PricePoint(at_ns, BTC, ONE)
        case "b":
            return BookPoint(at_ns, BTC, ONE, ONE, ONE, ONE)
        case _:
            return TradePoint(at_ns, BTC, ONE, ONE, None, str(at_ns))


def path(kinds: str) -> list[MarketPoint]:
    return [point(kind, at_ns) for at_ns, kind in enumerate(kinds, 1)]


def kept(kinds: str) -> str:
    """The letters of what is kept."""
    given_path = path(kinds)
    left = list(within_prices(given_path))
    assert [each for each in given_path if each in left] == left, "order and points are kept"
    return "".join(kinds[each.at_ns - 1] for each in left)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("", ""),
        ("p", "p"),
        ("ppp", "ppp"),
        ("mfp", "p"),
        ("pmf", "p"),
        ("mpfmpf", "pfmp"),
        ("fbmmtf", "bmmt"),
        ("pfc", "pfc"),
        ("pfcf", "pfc"),
        ("cfp", "p"),
        ("cmpc", "pc"),
        ("mf", "mf"),
        ("ffff", "ffff"),
    ],
)
def test_what_lies_beside_no_price_is_left_out(kinds: str, expected: str) -> None:
    assert kept(kinds) == expected


@given(st.text("mfcpbt", max_size=30))
def test_prices_all_stay_and_the_ends_are_prices(kinds: str) -> None:
    left = kept(kinds)
    if not set(kinds) & set("pbt"):
        assert left == "".join(kind for kind in kinds if kind in "mf")
        return
    assert [kind for kind in left if kind in "pbt"] == [kind for kind in kinds if kind in "pbt"]
    assert left[0] in "pbt"
    assert left[-1] in "pbtc"
    inside = kinds[min(kinds.index(kind) for kind in "pbt" if kind in kinds) :].rstrip("mf")
    assert left == inside


def test_the_path_is_not_read_ahead_while_prices_come() -> None:
    given_path = iter(path("pmpppp"))
    trimmed = within_prices(given_path)
    assert isinstance(next(trimmed), PricePoint)
    assert isinstance(next(trimmed), MarkPoint)
    assert len(list(given_path)) == 3
