"""Damage is refused, with the file, the line, the field, and what to do, in one line."""

from pathlib import Path
from typing import NamedTuple

import pytest

from perptape.core.edge.market import FORMATS, MarketFileError, open_market_file
from tests.core.edge.market.samples import (
    CANDLES,
    FUNDING,
    MARKS,
    QUOTES,
    T0_MS,
    T0_S,
    TRADES,
    freqtrade,
    gzipped,
    written,
    zipped,
)


def refusal(path: Path, format: str | None = None) -> MarketFileError:  # noqa: A002 the name of the option
    """The error of opening and reading the file to its end."""
    with pytest.raises(MarketFileError) as caught:
        list(open_market_file(path, format=format).rows())
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    assert caught.value.remedy
    return caught.value


class Damage(NamedTuple):
    base: str
    old: str
    new: str
    where: str
    field: str | None
    problem: str


LAST = f"{T0_S + 120},81.0"
CANDLE_DAMAGE = [
    Damage(CANDLES, "105.0,106.0", "abc,106.0", "line 3", "open", "'abc' is not a finite decimal number"),
    Damage(CANDLES, "105.0,106.0", "NaN,106.0", "line 3", "open", "'NaN' is not a number"),
    Damage(CANDLES, "105.0,106.0", ",106.0", "line 3", "open", "is empty"),
    Damage(CANDLES, "105.0,106.0", "105.0,inf", "line 3", "high", "'inf' is not a finite decimal number"),
    Damage(CANDLES, "105.0,106.0", "105.0,1e999999", "line 3", "high", "is not a finite decimal number"),
    Damage(CANDLES, "105.0,106.0", "105.0,1" + "0" * 500, "line 3", "high", "is not a finite decimal number"),
    Damage(CANDLES, "105.0,106.0", "105.0,9e15", "line 3", "high", "absurdly large"),
    Damage(CANDLES, "105.0,106.0", "1_05.0,106.0", "line 3", "open", "is not a finite decimal number"),
    Damage(CANDLES, "105.0,106.0", "\u0661\u0660\u0665,106.0", "line 3", "open", "is not a finite decimal number"),
    Damage(CANDLES, "80.0,81.0", "-80.0,81.0", "line 3", "low", "'-80.0' is negative"),
    Damage(CANDLES, "80.0,81.0", "0,81.0", "line 3", "low", "'0' is zero"),
    Damage(CANDLES, "80.0,81.0", "1e-30,81.0", "line 3", "low", "absurdly small"),
    Damage(CANDLES, "106.0,80.0", "80.0,106.0", "line 3", "high", "high must be the highest"),
    Damage(CANDLES, "106.0,80.0", "104.0,80.0", "line 3", "high", "high must be the highest"),
    Damage(CANDLES, "81.0,0", "107.0,0", "line 3", "high", "high must be the highest"),
    Damage(CANDLES, "81.0,0", "79.0,0", "line 3", "high", "low the lowest"),
    Damage(CANDLES, "81.5,1.25", "81.5,-1", "line 4", "volume", "'-1' is negative"),
    Damage(CANDLES, "81.5,1.25", "81.5,nan", "line 4", "volume", "'nan' is not a number"),
    Damage(CANDLES, "81.5,1.25", "81.5", "line 4", None, "has 5 columns, not 6"),
    Damage(CANDLES, "81.5,1.25", "81.5,1.25,7", "line 4", None, "has 7 columns, not 6"),
    Damage(CANDLES, LAST, "soon,81.0", "line 4", "time", "'soon' is not a time"),
    Damage(CANDLES, LAST, ",81.0", "line 4", "time", "is empty"),
    Damage(CANDLES, LAST, "99999999999,81.0", "line 4", "time", "is not a time between 2000 and 2100"),
    Damage(CANDLES, LAST, "-5,81.0", "line 4", "time", "is not a time"),
    Damage(CANDLES, LAST, f"{T0_S + 60},81.0", "line 4", "time", "the bar of 2022-12-13T00:01:00Z comes twice"),
    Damage(CANDLES, LAST, f"{T0_S - 60},81.0", "line 4", "time", "time goes backwards"),
    Damage(CANDLES, f"{T0_S},100.0", "x,100.0", "line 2", "time", "'x' is not a time"),
]
OTHER_DAMAGE = [
    Damage(TRADES, "100.5,a", "0,a", "line 2", "price", "'0' is zero"),
    Damage(TRADES, "0.25,100", "0,100", "line 3", "size", "size must be above zero"),
    Damage(TRADES, "0.25,100", "x,100", "line 3", "size", "'x' is not a finite"),
    Damage(TRADES, "Sell,0.25", "Hold,0.25", "line 3", "side", "'Hold' is no side (known: buy"),
    Damage(TRADES, "99.5,c", "99.5", "line 4", None, "has 5 columns, not 6"),
    Damage(
        TRADES, "BTCUSDT,Sell,1,", "ETHUSDT,Sell,1,", "line 4", "symbol", "is about BTCUSDT and here about 'ETHUSDT'"
    ),
    Damage(TRADES, f"{T0_S + 1},", f"{T0_S - 1},", "line 4", "time", "time goes backwards"),
    Damage(QUOTES, "99.5,1,", "101.5,1,", "line 4", None, "bid is above the ask"),
    Damage(QUOTES, "100.5,0", "-1,0", "line 4", "ask", "'-1' is negative"),
    Damage(QUOTES, "100.5,0", "100.5,-2", "line 4", "ask_size", "'-2' is negative"),
    Damage(QUOTES, "100.5,0", "100.5,nan", "line 4", "ask_size", "'nan' is not a number"),
    Damage(QUOTES, f"{T0_MS + 250}", f"{T0_MS - 250}", "line 4", "time", "time goes backwards"),
    Damage(MARKS, "100.2", "-100.2", "line 4", "price", "'-100.2' is negative"),
    Damage(MARKS, "100.2", "None", "line 4", "price", "'None' is not a finite"),
    Damage(MARKS, f"{T0_S + 3}", f"{T0_S - 3}", "line 4", "time", "time goes backwards"),
    Damage(FUNDING, "-0.00005", "7.5", "line 4", "rate", "'7.5' is not a funding rate"),
    Damage(FUNDING, "-0.00005", "", "line 4", "rate", "is empty"),
    Damage(FUNDING, "-0.00005", "NaN", "line 4", "rate", "'NaN' is not a number"),
    Damage(FUNDING, f"{T0_MS + 57_600_000}", f"{T0_MS + 28_800_001}", "line 4", "time", "comes twice"),
    Damage(FUNDING, f"{T0_MS + 57_600_000}", f"{T0_MS}", "line 4", "time", "time goes backwards"),
]


@pytest.mark.parametrize(
    "damage", [*CANDLE_DAMAGE, *OTHER_DAMAGE], ids=lambda damage: f"{damage.field}:{damage.new[:20]}"
)
def test_a_damaged_row_is_refused_where_it_is(damage: Damage, tmp_path: Path) -> None:
    assert damage.old in damage.base
    error = refusal(written(tmp_path, "btc.csv", damage.base.replace(damage.old, damage.new)))
    assert (error.where, error.field) == (damage.where, damage.field)
    assert damage.problem in error.problem


@pytest.mark.parametrize("damage", CANDLE_DAMAGE, ids=lambda damage: f"{damage.field}:{damage.new[:20]}")
def test_damage_is_found_inside_archives_too(damage: Damage, tmp_path: Path) -> None:
    content = damage.base.replace(damage.old, damage.new)
    for name, packed in (("btc.zip", zipped(content)), ("btc.csv.gz", gzipped(content))):
        error = refusal(written(tmp_path, name, packed))
        assert (error.where, error.field) == (damage.where, damage.field)


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
def test_a_hole_in_a_feather_file_is_refused(column: str, tmp_path: Path) -> None:
    columns = {name: [100.0, 100.0, 100.0] for name in ("open", "high", "low", "close", "volume")}
    columns[column][1] = float("nan")
    opens = columns.pop("open")
    error = refusal(written(tmp_path, "btc.feather", freqtrade(opens, **columns)))
    assert (error.where, error.field, error.problem) == ("row 2", column, "'nan' is not a number")


@pytest.mark.parametrize("kept", [3, 20, 300, -40, -1])
def test_a_truncated_feather_file_is_refused(kept: int, tmp_path: Path) -> None:
    whole = freqtrade([100.0, 100.0], high=[100.0] * 2, low=[100.0] * 2, close=[100.0] * 2)
    refusal(written(tmp_path, "btc.feather", whole[:kept]))


@pytest.mark.parametrize("kept", [3, 20, 60, -30, -1])
def test_a_truncated_zip_is_refused(kept: int, tmp_path: Path) -> None:
    refusal(written(tmp_path, "btc.zip", zipped(CANDLES)[:kept]))


@pytest.mark.parametrize("kept", [3, 20, -12, -1])
def test_a_truncated_gz_is_refused(kept: int, tmp_path: Path) -> None:
    refusal(written(tmp_path, "btc.csv.gz", gzipped(CANDLES)[:kept]))


def test_an_altered_zip_is_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped(CANDLES))
    packed[60] ^= 0xFF
    error = refusal(written(tmp_path, "btc.zip", bytes(packed)))
    assert "truncated or damaged" in error.problem


@pytest.mark.parametrize(
    "text", ['{"candles": [', '[{"start": 1,', "[[1, 2], [3", "{}", "[]", '{"candles": []}', "[[]]", "[1]"]
)
def test_json_that_is_cut_or_empty_is_refused(text: str, tmp_path: Path) -> None:
    refusal(written(tmp_path, "btc.json", text))


def test_a_cut_line_of_json_lines_is_refused_where_it_is(tmp_path: Path) -> None:
    line = f'{{"time": {T0_S}, "markPrice": 1}}\n'
    error = refusal(written(tmp_path, "btc.jsonl", line + line + line[:9]))
    assert error.where == "line 3"


def test_a_json_row_of_another_shape_is_refused_where_it_is(tmp_path: Path) -> None:
    objects = f'[{{"time": {T0_S}, "markPrice": 1}}, [1]]'
    arrays = f"[[{T0_S},1,1,1,1,1],7]"
    for text in (objects, arrays):
        assert refusal(written(tmp_path, "btc.json", text)).where == "item 2"


def test_a_missing_field_of_a_json_row_is_refused_where_it_is(tmp_path: Path) -> None:
    text = f'[{{"time": {T0_S}, "markPrice": 1}}, {{"time": {T0_S + 1}}}]'
    error = refusal(written(tmp_path, "btc.json", text))
    assert (error.where, error.field, error.problem) == ("item 2", "price", "is empty")


@pytest.mark.parametrize("content", ["", " \n\n ", "timestamp,open,high,low,close,volume\n", "# nothing\n"])
@pytest.mark.parametrize("name", ["btc.csv", "btc.json", "btc.feather"])
def test_a_file_with_nothing_in_it_is_refused(content: str, name: str, tmp_path: Path) -> None:
    refusal(written(tmp_path, name, content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.csv").problem
    assert "cannot be read" in refusal(tmp_path).problem


@pytest.mark.parametrize(
    "content",
    [
        "name,colour\nx,red\n",
        "a sentence and nothing else\n",
        '1626992740.9: {"stream":"x"}\n1626992741.9: {"stream":"x"}\n',
        '{"channel":"ticker","timestamp":"2022-12-13T00:00:00Z","events":[]}\n' * 2,
        b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe",
        "\ufefftimestamp;open\n".encode("utf-16"),
        f"{T0_S},5\n{T0_S + 1},6\n",
        "1,2,3\n4,5,6\n",
    ],
)
def test_a_file_of_no_known_format_is_refused(content: str | bytes, tmp_path: Path) -> None:
    refusal(written(tmp_path, "btc.csv", content))


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, "btc.csv", CANDLES), format="candels")
    assert all(name in error.remedy for name in FORMATS)


@pytest.mark.parametrize(
    ("content", "wanted", "problem"),
    [
        (CANDLES, "funding", "does not fit the column names"),
        (CANDLES, "lean-trade-bars", "does not fit the column names"),
        (f"{T0_S},5\n", "candles", "needs more than the 2 columns"),
        (f"{T0_S},5\n", "quotes", "needs column names"),
    ],
)
def test_a_format_that_does_not_fit_is_refused(content: str, wanted: str, problem: str, tmp_path: Path) -> None:
    assert problem in refusal(written(tmp_path, "btc.csv", content), format=wanted).problem


def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    error = refusal(written(tmp_path, "btc.zip", zipped(CANDLES, "a.csv", **{"b.csv": CANDLES})))
    assert "holds 2 files (a.csv, b.csv)" in error.problem
    assert "holds 0 files" in refusal(written(tmp_path, "none.zip", b"PK\x05\x06" + bytes(18))).problem


def test_what_desktops_add_to_an_archive_does_not_count(tmp_path: Path) -> None:
    content = zipped(CANDLES, "a.csv", **{"__MACOSX/._a.csv": "x", ".DS_Store": "x", "folder/": ""})
    assert len(list(open_market_file(written(tmp_path, "btc.zip", content)).rows())) == 3


def test_trades_newest_first_are_refused_and_not_sorted(tmp_path: Path) -> None:
    head, *rows = TRADES.splitlines()
    error = refusal(written(tmp_path, "btc.csv", "\n".join([head, *rows[::-1]])))
    assert (error.where, error.remedy) == ("line 3", "sort the file by time, oldest first")


def test_a_bar_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    content = f"open_time,open,high,low,close,close_time\n{T0_MS},1,1,1,1,{T0_MS - 60_000}\n"
    assert "ends before it starts" in refusal(written(tmp_path, "btc.csv", content)).problem


def test_a_file_of_times_of_day_needs_its_day(tmp_path: Path) -> None:
    path = written(tmp_path / "x" / "y", "trade.zip", zipped("0,1,1,1,1,1\n60000,1,1,1,1,1\n"))
    assert "no name of the file tells the day" in refusal(path).problem


QUOTE_BAR = "0,100,110,90,105,5,101,111,91,106,4\n"


@pytest.mark.parametrize(
    ("row", "field", "problem"),
    [
        ("60000,100,110,90,x,5,101,111,91,106,4", "bid_close", "'x' is not a finite"),
        ("60000,100,110,90,105,5,101,111,91,106,-4", "ask_size", "'-4' is negative"),
        ("60000,100,110,90,105,5,99,111,91,106,4", None, "bid is above the ask"),
        ("60000,100,110,101,105,5,101,111,91,106,4", None, "a low above"),
        ("60000,100,110,90,105,5,101,111,91,106", None, "has 10 columns, not 11"),
        ("86400000,100,110,90,105,5,101,111,91,106,4", "time", "is not a time"),
        ("0,100,110,90,105,5,101,111,91,106,4", "time", "comes twice"),
    ],
)
def test_a_damaged_lean_quote_bar_is_refused(row: str, field: str | None, problem: str, tmp_path: Path) -> None:
    content = zipped(f"{QUOTE_BAR}{row}\n", "20221213_btcusdt_minute_quote.csv")
    error = refusal(written(tmp_path, "20221213_quote.zip", content))
    assert (error.where, error.field) == ("line 2", field)
    assert problem in error.problem


def test_a_bar_that_begins_inside_the_one_above_is_refused(tmp_path: Path) -> None:
    content = CANDLES + f"{T0_S + 180},81,82,80,81,1\n{T0_S + 210},81,82,80,81,1\n"
    error = refusal(written(tmp_path, "btc.csv", content))
    assert (error.where, error.field) == ("line 6", "time")
    assert "begins before 2022-12-13T00:04:00Z, where the one above it ends" in error.problem
