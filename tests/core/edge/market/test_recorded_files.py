"""The same rules hold for every market file at hand: small ones made here, and recorded ones where they are present."""

from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from perptape.core.edge.market import MarketFileError, guess_symbol, market_path, open_market_file
from perptape.core.edge.market.points import POINT_ORDER
from perptape.core.edge.market.rows import CandleRow
from tests.core.edge.market.samples import CANDLES, FUNDING, MARKS, QUOTES, RECORDED, TRADES, written

MADE = {"candles": CANDLES, "trades": TRADES, "quotes": QUOTES, "marks": MARKS, "funding": FUNDING}
HISTORY = RECORDED / "perp_history"
BINANCE = HISTORY / "binance_usdm_BTCUSDT"
BYBIT = HISTORY / "bybit_BTCUSDT_2022-12-13"
ROWS = {
    BINANCE / "BTC_USDT_USDT-5m-futures.feather": ("candles", 10906),
    BINANCE / "BTC_USDT_USDT-1m-futures.feather": ("candles", 43199),
    BINANCE / "BTC_USDT_USDT-8h-funding_rate.feather": ("funding", 266),
    BINANCE / "BTC_USDT_USDT-8h-mark.feather": ("marks", 2 * 266),
    HISTORY / "ftx_BTC-PERP_1m" / "btc-perp-20211231-20220201_1m.csv": ("candles", 45031),
    BYBIT / "20221213_trade.zip": ("candles", 721),
    BYBIT / "20221213_quote.zip": ("quotes", 4 * 460),
    BYBIT / "margin_interest_btcusdt.csv": ("funding", 3),
    RECORDED / "coinbase_rest/candles/Coinbase-BTC-USD-PT4H-20160518_20251028.json": ("candles", 20695),
}
AT_HAND = [path for path in ROWS if path.exists()]
CASES = [*MADE, *AT_HAND]


def of(case: str | Path, folder: Path) -> tuple[Path, str, int | None]:
    if isinstance(case, Path):
        kind, count = ROWS[case]
        return case, kind, count
    return written(folder, f"btcusdt-{case}.csv", MADE[case]), case, 3


def name(case: str | Path) -> str:
    return case.name if isinstance(case, Path) else case


@pytest.mark.parametrize("case", CASES, ids=name)
def test_every_row_is_read_in_order(case: str | Path, tmp_path: Path) -> None:
    path, kind, count = of(case, tmp_path)
    file = open_market_file(path)
    rows = list(file.rows())
    assert (file.kind, len(rows)) == (kind, count)
    starts_ns = [row.start_ns if isinstance(row, CandleRow) else row.at_ns for row in rows]
    assert starts_ns == sorted(starts_ns)
    last = rows[-1]
    assert (file.first_ns, file.last_ns) == (starts_ns[0], last.end_ns if isinstance(last, CandleRow) else last.at_ns)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_its_names_tell_the_symbol(case: str | Path, tmp_path: Path) -> None:
    path, _, _ = of(case, tmp_path)
    assert guess_symbol(path) == open_market_file(path).symbol == "BTC-PERP"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_its_path_is_in_order_and_comes_out_twice_the_same(case: str | Path, tmp_path: Path) -> None:
    path, _, _ = of(case, tmp_path)
    points = list(market_path({"BTC-PERP": [open_market_file(path)]}))
    keys = [(point.at_ns, POINT_ORDER[type(point)]) for point in points]
    assert all(earlier <= later for earlier, later in pairwise(keys))
    assert list(market_path({"BTC-PERP": [open_market_file(path)]})) == points


@pytest.mark.parametrize("case", CASES, ids=name)
def test_cut_short_it_is_refused_or_shorter_but_never_crashes_the_reader(case: str | Path, tmp_path: Path) -> None:
    path, _, _ = of(case, tmp_path)
    whole = path.read_bytes()
    for kept in (len(whole) // 2, len(whole) // 3):
        cut = written(tmp_path / "cut", path.name, whole[:kept])
        with suppress(MarketFileError):
            assert list(open_market_file(cut).rows()), "what is cut between two lines is a shorter file"
