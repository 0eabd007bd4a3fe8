import pytest

from perptape.core.edge.market.timestamps import is_time, parser_for, shown, time_of_day_parser
from tests.core.edge.market.samples import T0_NS, T0_S


@pytest.mark.parametrize(
    ("text", "at_ns"),
    [
        (f"{T0_S}", T0_NS),
        (f"{T0_S}000", T0_NS),
        (f"{T0_S}000000", T0_NS),
        (f"{T0_S}000000000", T0_NS),
        (f"{T0_S}.3841", T0_NS + 384_100_000),
        (f"{T0_S}001.0", T0_NS + 1_000_000),
        ("2022-12-13T00:00:00Z", T0_NS),
        ("2022-12-13T02:00:00+02:00", T0_NS),
        ("2022-12-13 00:00:00.000000", T0_NS),
        ("2022-12-13T00:00:00.123456789Z", T0_NS + 123_456_789),
        ("2022-12-13 00:00:00.1234567+00:00", T0_NS + 123_456_700),
        ("2022-12-13 00:00:00 UTC", T0_NS),
        ("2022/12/13 00:00", T0_NS),
        ("2022-12-13", T0_NS),
        ("20221213", T0_NS),
        ("20221213 00:00", T0_NS),
        ("20221213 00:00:00", T0_NS),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, at_ns: int) -> None:
    assert parser_for(text)(text) == at_ns


@pytest.mark.parametrize(
    "text", ["", "abc", "12", "1999-12-31", "2100-01-01", "99999999999999999999", "1.67E+12", "1_670_889_600", "nan"]
)
def test_what_is_no_time_between_2000_and_2100_is_refused(text: str) -> None:
    assert not is_time(text)
    with pytest.raises(ValueError, match=r".*"):
        parser_for(text)


def test_a_column_keeps_the_unit_of_its_first_value() -> None:
    parse = parser_for(f"{T0_S}")
    with pytest.raises(ValueError, match=r".*"):
        parse(f"{T0_S}000")


def test_times_of_day_stay_within_the_day() -> None:
    parse = time_of_day_parser(T0_NS)
    assert parse("86399999") == T0_NS + 86_399_999 * 10**6
    for text in ("86400000", "-1"):
        with pytest.raises(ValueError, match=r".*"):
            parse(text)


def test_a_time_is_shown_without_needless_fraction() -> None:
    assert shown(T0_NS) == "2022-12-13T00:00:00Z"
    assert shown(T0_NS + 100) == "2022-12-13T00:00:00.0000001Z"


def test_a_column_of_whole_numbers_may_have_fractions_further_down() -> None:
    assert parser_for(f"{T0_S}")(f"{T0_S}.25") == T0_NS + 250_000_000
