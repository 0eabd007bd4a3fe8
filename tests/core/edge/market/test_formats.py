"""Every format is recognised by what is in it, and gives the rows that are in it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from perptape.core.durations import MINUTE_NS
from perptape.core.edge.market import FORMATS, MarketFileError, open_market_file
from perptape.core.edge.market.rows import CandleRow, FundingRow, MarketRow, MarkRow, QuoteRow, TradeRow
from tests.core.edge.market.samples import (
    CANDLES,
    FUNDING,
    MARKS,
    QUOTES,
    T0_MS,
    T0_NS,
    T0_S,
    TRADES,
    decimals,
    freqtrade,
    gzipped,
    written,
    zipped,
)

FIRST = CandleRow(T0_NS, T0_NS + MINUTE_NS, *decimals("100", "110", "90", "105", "5"))
KLINE = "{0},100,110,90,105,5,{1},0,0,0,0,0\n"
KLINES = "".join(KLINE.format(T0_MS + at, T0_MS + at + 59_999) for at in (0, 60_000))
OBJECTS = [
    {"start": str(T0_S + at), "low": "90", "high": "110", "open": "100", "close": "105", "volume": "5"}
    for at in (0, 60)
]
ARRAYS = [[T0_MS + at, 100.0, 110.0, 90.0, 105.0, 5.0] for at in (0, 60_000)]


class Case(NamedTuple):
    name: str
    content: str | bytes
    format: str
    first: MarketRow
    rows: int = 2


CASES = [
    Case("a.csv", CANDLES, "candles", FIRST, 3),
    Case("a.csv.gz", gzipped(CANDLES), "candles", FIRST, 3),
    Case("a.zip", zipped(CANDLES), "candles", FIRST, 3),
    Case("bom.csv", "\ufeff" + CANDLES, "candles", FIRST, 3),
    Case("crlf.csv", CANDLES.replace("\n", "\r\n"), "candles", FIRST, 3),
    Case("semicolons.csv", CANDLES.replace(",", ";"), "candles", FIRST, 3),
    Case("tabs.tsv", CANDLES.replace(",", "\t"), "candles", FIRST, 3),
    Case("blank.csv", CANDLES.replace("\n", "\n\n"), "candles", FIRST, 3),
    Case("no-header.csv", CANDLES.partition("\n")[2], "candles", FIRST, 3),
    Case("wrong-name.feather", CANDLES, "candles", FIRST, 3),
    Case("Names.csv", CANDLES.replace("timestamp,open", "Open Time,Open Price"), "candles", FIRST, 3),
    Case(
        "newest-first.csv",
        "https://www.example.org\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n"
        f"{T0_S + 60},2022-12-13 00:01:00,BTC/USD,105,106,80,81,0,0\n"
        f"{T0_S},2022-12-13 00:00:00,BTC/USD,100,110,90,105,5,525\n",
        "candles",
        FIRST,
    ),
    Case("klines.csv", KLINES, "binance-klines", FIRST),
    Case(
        "klines-named.csv",
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,tb,tq,ignore\n" + KLINES,
        "binance-klines",
        FIRST,
    ),
    Case(
        "20221213_trade.zip",
        zipped("0,100,110,90,105,5\n60000,105,105,105,105,0\n", "20221213_btcusdt_minute_trade_perp.csv"),
        "lean-trade-bars",
        FIRST,
    ),
    Case(
        "20221213_quote.zip",
        zipped("0,100,110,90,105,5,101,111,91,106,4\n60000,,,,,,101,111,91,106,4\n", "x_quote.csv"),
        "lean-quote-bars",
        QuoteRow(T0_NS, *decimals("100", "5", "101", "4")),
        4,
    ),
    Case("lean-hour.csv", "20221213 00:00,100,110,90,105,5\n20221213 00:01,105,105,105,105,0\n", "candles", FIRST),
    Case("coinbase.json", json.dumps({"candles": OBJECTS}, indent=2), "candles", FIRST),
    Case("coinbase-newest-first.json", json.dumps({"candles": OBJECTS[::-1]}), "candles", FIRST),
    Case("list.json", json.dumps(OBJECTS), "candles", FIRST),
    Case("lines.jsonl", "\n".join(map(json.dumps, OBJECTS)), "candles", FIRST),
    Case("ccxt.json", json.dumps(ARRAYS), "candles", FIRST),
    Case("ccxt.jsonl", "\n".join(map(json.dumps, ARRAYS)), "candles", FIRST),
    Case("nested.json", json.dumps({"code": 0, "result": {"symbol": "X", "list": ARRAYS[::-1]}}), "candles", FIRST),
    Case("json.zip", zipped(json.dumps(OBJECTS)), "candles", FIRST),
    Case(
        "exchange.json",
        json.dumps([[T0_S + 60, 80, 106, 105, 81, 0], [T0_S, 90, 110, 100, 105, 5]]),
        "coinbase-exchange-candles",
        FIRST,
    ),
    Case(
        "BTC_USDT_USDT-1m-futures.feather",
        freqtrade([100.0, 105.0], high=[110.0, 105.0], low=[90.0, 105.0], close=[105.0, 105.0], volume=[5.0, 0.0]),
        "candles",
        FIRST,
    ),
    Case(
        "BTC_USDT_USDT-1m-mark.feather",
        freqtrade([100.25, 105.0], high=[110.0, 105.0], low=[90.0, 105.0], close=[105.0, 105.0]),
        "mark-candles",
        MarkRow(T0_NS, Decimal("100.25")),
        4,
    ),
    Case(
        "BTC_USDT_USDT-8h-funding_rate.feather",
        freqtrade([6.818e-05, -1e-06]),
        "funding-candles",
        FundingRow(T0_NS, Decimal("0.00006818")),
    ),
    Case("nameless.feather", freqtrade([1e-05, 0.0]), "funding-candles", FundingRow(T0_NS, Decimal("0.00001"))),
    Case(
        "bybit.csv",
        TRADES,
        "trades",
        TradeRow(T0_NS + 5 * 10**8, Decimal("100.5"), Decimal("0.5"), "buy", "a"),
        3,
    ),
    Case(
        "trades.csv",
        f"id,price,qty,quote_qty,time,is_buyer_maker\n7,100,2,200,{T0_MS},true\n8,101,2,202,{T0_MS},false\n",
        "binance-trades",
        TradeRow(T0_NS, Decimal(100), Decimal(2), "sell", "7"),
    ),
    Case(
        "trades-unnamed.csv",
        f"1200000007,100,2,200,{T0_MS},False,True\n1200000008,101,2,202,{T0_MS},True,True\n",
        "binance-trades",
        TradeRow(T0_NS, Decimal(100), Decimal(2), "buy", "1200000007"),
    ),
    Case(
        "agg.csv",
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
        f"7,100,2,1,1,{T0_MS},true\n8,101,2,2,2,{T0_MS},false\n",
        "binance-agg-trades",
        TradeRow(T0_NS, Decimal(100), Decimal(2), "sell", "7"),
    ),
    Case(
        "agg-unnamed.csv",
        f"7,100,2,1,1,{T0_MS},true\n8,101,2,2,2,{T0_MS},false\n",
        "binance-agg-trades",
        TradeRow(T0_NS, Decimal(100), Decimal(2), "sell", "7"),
    ),
    Case("quotes.csv", QUOTES, "quotes", QuoteRow(T0_NS, *decimals("99", "5", "101", "4")), 3),
    Case(
        "bare-quotes.csv",
        f"timestamp,bid,ask\n{T0_S},99,101\n{T0_S + 1},99,101\n",
        "quotes",
        QuoteRow(T0_NS, Decimal(99), None, Decimal(101), None),
    ),
    Case(
        "book-ticker.csv",
        "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time\n"
        f"1,99,5,101,4,{T0_MS},{T0_MS + 9}\n2,99,5,101,4,{T0_MS + 1},{T0_MS + 9}\n",
        "binance-book-ticker",
        QuoteRow(T0_NS, *decimals("99", "5", "101", "4")),
    ),
    Case(
        "book-ticker-unnamed.csv",
        f"1,99,5,101,4,{T0_MS},{T0_MS + 9}\n2,99,5,101,4,{T0_MS + 1},{T0_MS + 9}\n",
        "binance-book-ticker",
        QuoteRow(T0_NS, *decimals("99", "5", "101", "4")),
    ),
    Case("marks.csv", MARKS, "marks", MarkRow(T0_NS, Decimal("100.1")), 3),
    Case("BTC-mark.csv", f"{T0_S},100.1\n{T0_S + 1},100.2\n", "marks", MarkRow(T0_NS, Decimal("100.1"))),
    Case("funding.csv", FUNDING, "funding", FundingRow(T0_NS + 3_000_000, Decimal("0.0001")), 3),
    Case(
        "lean-funding.csv",
        "20221213 00:00:00,-0.0002016\n20221213 08:00:00,0.0001",
        "funding",
        FundingRow(T0_NS, Decimal("-0.0002016")),
    ),
    Case(
        "funding.json",
        json.dumps(
            [{"symbol": "BTCUSDT", "fundingTime": T0_MS + at, "fundingRate": "0.0001"} for at in (0, 28_800_000)]
        ),
        "funding",
        FundingRow(T0_NS, Decimal("0.0001")),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_is_known_by_its_content(case: Case, tmp_path: Path) -> None:
    file = open_market_file(written(tmp_path, case.name, case.content))
    rows = list(file.rows())
    assert (file.format, rows[0], len(rows)) == (case.format, case.first, case.rows)
    assert file.kind == FORMATS[case.format].kind
    assert file.first_ns == (case.first.start_ns if isinstance(case.first, CandleRow) else case.first.at_ns)
    assert list(file.rows()) == rows, "a file can be read again"


def test_every_format_has_a_case() -> None:
    assert {case.format for case in CASES} == set(FORMATS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_naming_the_format_gives_the_same_rows(case: Case, tmp_path: Path) -> None:
    path = written(tmp_path, case.name, case.content)
    assert list(open_market_file(path, format=case.format).rows()) == list(open_market_file(path).rows())


def test_a_float_becomes_its_shortest_decimal(tmp_path: Path) -> None:
    path = written(tmp_path, "x.feather", freqtrade([0.1, 0.1], high=[0.3] * 2, low=[0.1] * 2, close=[0.2] * 2))
    row = next(open_market_file(path).rows())
    assert isinstance(row, CandleRow)
    assert [str(price) for price in (row.open, row.high, row.close)] == ["0.1", "0.3", "0.2"]


def test_json_numbers_keep_their_digits(tmp_path: Path) -> None:
    path = written(tmp_path, "x.json", f'[{{"timestamp": {T0_S}, "markPrice": 0.1234567890123456789}}]')
    assert list(open_market_file(path).rows()) == [MarkRow(T0_NS, Decimal("0.1234567890123456789"))]


def test_a_file_of_unknown_stamps_is_stamped_at_starts_unless_told(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", CANDLES)
    by_default, told = open_market_file(path), open_market_file(path, bar_stamp="end")
    assert (by_default.bar_stamp, by_default.first_ns, by_default.last_ns) == ("start", T0_NS, T0_NS + 3 * MINUTE_NS)
    assert (told.bar_stamp, told.first_ns, told.last_ns) == ("end", T0_NS - MINUTE_NS, T0_NS + 2 * MINUTE_NS)


def test_a_file_that_says_how_it_is_stamped_is_believed(tmp_path: Path) -> None:
    klines = open_market_file(written(tmp_path, "k.csv", KLINES), bar_stamp="end")
    named = CANDLES.replace("timestamp", "close_time")
    closing = open_market_file(written(tmp_path, "c.csv", named), bar_stamp="start")
    assert (klines.bar_stamp, klines.first_ns) == ("start", T0_NS)
    assert (closing.bar_stamp, closing.first_ns) == ("end", T0_NS - MINUTE_NS)


@pytest.mark.parametrize(
    ("close", "end_ns"),
    [
        (f"{T0_MS + 59_999}", T0_NS + MINUTE_NS),
        (f"{T0_MS + 60_000}", T0_NS + MINUTE_NS),
        ("2022-12-13T00:00:59Z", T0_NS + MINUTE_NS),
        ("2022-12-13T00:00:59.999999Z", T0_NS + MINUTE_NS),
        (f"{T0_MS + 999}", T0_NS + 10**9),
        (f"{T0_MS + 1_000}", T0_NS + 10**9),
    ],
)
def test_a_closing_time_says_where_the_bar_ends(close: str, end_ns: int, tmp_path: Path) -> None:
    start = f"{T0_MS}" if close.isdigit() else "2022-12-13T00:00:00Z"
    content = f"open_time,open,high,low,close,close_time\n{start},1,1,1,1,{close}\n"
    [row] = open_market_file(written(tmp_path, "one.csv", content)).rows()
    assert isinstance(row, CandleRow)
    assert row.end_ns == end_ns


def test_one_bar_is_as_long_as_the_name_says(tmp_path: Path) -> None:
    one = "\n".join(CANDLES.splitlines()[:2])
    assert open_market_file(written(tmp_path, "BTC-5m.csv", one)).interval_ns == 5 * MINUTE_NS
    with pytest.raises(MarketFileError, match="one bar"):
        open_market_file(written(tmp_path, "btc.csv", one))


def test_absent_bars_are_a_gap_and_no_fault(tmp_path: Path) -> None:
    content = CANDLES + f"{T0_S + 3600},81,82,80.5,81.5,1\n"
    assert len(list(open_market_file(written(tmp_path, "gap.csv", content)).rows())) == 4


def test_a_mark_candle_gives_its_open_at_the_start_and_its_close_before_the_end(tmp_path: Path) -> None:
    content = freqtrade([100.0, 105.0], high=[110.0, 106.0], low=[90.0, 99.0], close=[105.0, 104.0])
    rows = list(open_market_file(written(tmp_path, "BTC_USDT-1m-mark.feather", content)).rows())
    assert rows == [
        MarkRow(T0_NS, Decimal("100.0")),
        MarkRow(T0_NS + MINUTE_NS - 1, Decimal("105.0")),
        MarkRow(T0_NS + MINUTE_NS, Decimal("105.0")),
        MarkRow(T0_NS + 2 * MINUTE_NS - 1, Decimal("104.0")),
    ]


def test_a_market_is_no_mark(tmp_path: Path) -> None:
    content = freqtrade([100.0, 105.0], high=[110.0, 106.0], low=[90.0, 99.0], close=[105.0, 104.0])
    assert open_market_file(written(tmp_path, "BTC-market.feather", content)).format == "candles"


def test_a_lean_quote_bar_is_passed_like_a_candle(tmp_path: Path) -> None:
    content = zipped("0,100,110,90,95,5,101,111,91,96,4\n", "20221213_btcusdt_minute_quote_perp.csv")
    rows = list(open_market_file(written(tmp_path, "20221213_quote.zip", content)).rows())
    assert rows == [
        QuoteRow(T0_NS, *decimals("100", "5", "101", "4")),
        QuoteRow(T0_NS + 20 * 10**9, *decimals("110", "5", "111", "4")),
        QuoteRow(T0_NS + 40 * 10**9, *decimals("90", "5", "91", "4")),
        QuoteRow(T0_NS + MINUTE_NS - 1, *decimals("95", "5", "96", "4")),
    ]


def test_the_symbol_is_told_by_a_column_before_a_name(tmp_path: Path) -> None:
    assert open_market_file(written(tmp_path, "ETHUSDT.csv", TRADES)).symbol == "BTC-PERP"
    assert open_market_file(written(tmp_path, "ETHUSDT-2.csv", CANDLES)).symbol == "ETH-PERP"


def test_a_long_file_knows_where_it_ends(tmp_path: Path) -> None:
    lines = "".join(f"{T0_S + 60 * index},1,1,1,1,1\n" for index in range(3000))
    rising = open_market_file(written(tmp_path, "a.csv", f"start,open,high,low,close,volume\n{lines}"))
    falling_lines = "".join(reversed(lines.splitlines(keepends=True)))
    falling = open_market_file(written(tmp_path, "b.csv", f"start,open,high,low,close,volume\n{falling_lines}"))
    assert (rising.first_ns, rising.last_ns) == (T0_NS, T0_NS + 3000 * MINUTE_NS)
    assert (falling.first_ns, falling.last_ns) == (rising.first_ns, rising.last_ns)
    assert list(falling.rows()) == list(rising.rows())


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    lines = "".join(f"{T0_S + 60 * index},1,1,1,1,1\n" for index in range(3000))
    content = f"start,open,high,low,close,volume\n{lines}".replace(f"{T0_S + 60 * 2900},1", f"{T0_S + 60 * 2900},x")
    rows = open_market_file(written(tmp_path, "a.csv", content)).rows()
    assert next(rows) == CandleRow(T0_NS, T0_NS + MINUTE_NS, *decimals("1", "1", "1", "1", "1"))
    with pytest.raises(MarketFileError, match="line 2902, open: 'x'"):
        list(rows)


def test_marks_and_funding_in_one_file_need_a_choice(tmp_path: Path) -> None:
    path = written(tmp_path, "p.csv", f"time,markPrice,lastFundingRate\n{T0_MS},100,0.0001\n")
    with pytest.raises(MarketFileError, match="--format marks or --format funding"):
        open_market_file(path)
    assert list(open_market_file(path, format="marks").rows()) == [MarkRow(T0_NS, Decimal(100))]
    assert list(open_market_file(path, format="funding").rows()) == [FundingRow(T0_NS, Decimal("0.0001"))]
