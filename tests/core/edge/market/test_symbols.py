from pathlib import Path

import pytest

from perptape.core.edge.market import guess_symbol
from perptape.core.edge.market.symbols import symbol_in
from tests.core.edge.market.samples import CANDLES, written, zipped


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("BTC_USDT_USDT-5m-futures.feather", "BTC-PERP"),
        ("btc-perp-20211231-20220201_1m.csv", "BTC-PERP"),
        ("Coinbase-BTC-USD-PT4H-20160518_20251028.json", "BTC-PERP"),
        ("btcusdt.csv", "BTC-PERP"),
        ("ETHUSDT-aggTrades-2024-01.zip", "ETH-PERP"),
        ("1000PEPEUSDT-1m-2024-01-01.csv", "1000PEPE-PERP"),
        ("BTCUSD_PERP-1h.csv", "BTC-PERP"),
        ("XBTUSD.csv.gz", "BTC-PERP"),
        ("margin_interest_btcusdt.csv", "BTC-PERP"),
        ("20221213_btcusdt_minute_trade_perp.csv", "BTC-PERP"),
        ("ETH-PERP-INTX", "ETH-PERP"),
        ("SOL/USDT:USDT", "SOL-PERP"),
        ("eth.csv", "ETH-PERP"),
        ("binance/usdm_BTCUSDT/2024.csv", "BTC-PERP"),
        ("candles.csv", None),
        ("minute_trade_perp.csv", None),
        ("", None),
    ],
)
def test_a_name_tells_the_perpetual(name: str, symbol: str | None) -> None:
    assert guess_symbol(name) == symbol


def test_a_zip_is_named_by_its_member_first(tmp_path: Path) -> None:
    path = written(tmp_path, "20221213_trade.zip", zipped(CANDLES, "20221213_ethusdt_minute_trade_perp.csv"))
    assert guess_symbol(path) == "ETH-PERP"


def test_a_damaged_zip_has_only_its_own_name(tmp_path: Path) -> None:
    assert guess_symbol(written(tmp_path, "btcusdt.zip", b"PK\x03\x04")) == "BTC-PERP"


def test_the_first_name_that_tells_wins() -> None:
    assert symbol_in(("candles", "ETHUSDT", "BTCUSDT")) == "ETH-PERP"
