"""A verdict lets an order through up to and including the limit, and names both numbers when it does not."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from core.guards.verdict import Verdict, at_least, passed, within

LIMIT = Decimal("2.50")


def test_passing_measures_nothing_unless_told() -> None:
    assert passed("spread") == Verdict("spread", True, Decimal(0), Decimal(0), "")


@pytest.mark.parametrize("measured", [Decimal("2.5"), Decimal("2.49"), Decimal(-7)])
def test_within_allows_up_to_the_limit(measured: Decimal) -> None:
    assert within("spread", measured, LIMIT, "spread") == Verdict("spread", True, measured, LIMIT, "")


def test_within_blocks_above_the_limit() -> None:
    measured = Decimal("2.51")
    assert within("spread", measured, LIMIT, "width") == Verdict(
        "spread", False, measured, LIMIT, "width 2.51 exceeds 2.50"
    )


@pytest.mark.parametrize("measured", [Decimal("2.5"), Decimal("2.51"), Decimal("1E+9")])
def test_at_least_allows_down_to_the_limit(measured: Decimal) -> None:
    assert at_least("depth", measured, LIMIT, "depth") == Verdict("depth", True, measured, LIMIT, "")


def test_at_least_blocks_below_the_limit() -> None:
    measured = Decimal("2.49")
    assert at_least("depth", measured, LIMIT, "room") == Verdict(
        "depth", False, measured, LIMIT, "room 2.49 is below 2.50"
    )


@pytest.mark.parametrize("check", [within, at_least])
@pytest.mark.parametrize("measured", [Decimal("1E+9"), Decimal("-1E+9")])
def test_no_limit_allows_everything_and_still_says_what_was_measured(
    check: Callable[..., Verdict], measured: Decimal
) -> None:
    assert check("depth", measured, None, "depth") == Verdict("depth", True, measured, Decimal(0), "")


@pytest.mark.parametrize("check", [within, at_least])
def test_reasons_are_in_plain_notation(check: Callable[..., Verdict]) -> None:
    tiny, huge = Decimal("1E-9"), Decimal("1E+9")
    measured, limit = (huge, tiny) if check is within else (tiny, huge)
    reason = check("depth", measured, limit, "depth").reason
    assert "0.000000001" in reason
    assert "1000000000" in reason
