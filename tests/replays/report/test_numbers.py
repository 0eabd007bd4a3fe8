from decimal import Decimal

import pytest

from perptape.replays.report.numbers import counted, duration, listed, moment, money, percent, quantity


@pytest.mark.parametrize(
    ("value", "sign", "text"),
    [
        ("1234567.891", False, "1,234,567.89"),
        ("-0.07", False, "\N{MINUS SIGN}0.07"),
        ("3", True, "+3.00"),
        ("0", True, "0.00"),
        ("-0.001", True, "0.00"),
    ],
)
def test_money_has_two_decimals_and_a_true_minus(value: str, sign: bool, text: str) -> None:
    assert money(Decimal(value), sign=sign) == text


def test_quantities_keep_the_decimals_they_have() -> None:
    assert [quantity(Decimal(text)) for text in ("43210.50", "0.0231", "1000")] == ["43,210.5", "0.0231", "1,000"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "less than a second"),
        (1, "1 second"),
        (119, "119 seconds"),
        (45 * 60, "45 minutes"),
        (27 * 3600, "27 hours"),
        (38 * 86_400, "38 days"),
    ],
)
def test_durations_use_the_largest_unit_of_which_there_are_two(seconds: int, text: str) -> None:
    assert duration(seconds * 10**9) == text


def test_small_words() -> None:
    assert [counted(1, "order"), counted(2_000, "fill"), counted(0, "crash")] == ["1 order", "2,000 fills", "0 crashes"]
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert percent(Decimal("0.0280")) == "2.80 %"
    assert moment(1_700_000_000_999_999_999) == "2023-11-14 22:13:20"
