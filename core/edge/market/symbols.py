"""Which perpetual a file is about, told by its names."""

import re
import zipfile
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

_QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "USD")
_MARKERS = frozenset({*_QUOTES, "PERP", "PERPETUAL", "SWAP", "INTX", "PFC"})
_GLUED = re.compile(rf"([A-Z0-9]*[A-Z][A-Z0-9]*?)(?:{'|'.join(_QUOTES)}|PERP)(?:M|PERP)?")
_BASE = re.compile(r"[0-9]{0,7}[A-Z][A-Z0-9]{0,9}")
_WELL_KNOWN = frozenset("BTC XBT ETH SOL XRP DOGE ADA LTC BNB AVAX LINK DOT BCH SUI".split())
_RENAMED = {"XBT": "BTC"}
_NOT_BASES = frozenset(
    (
        "TRADE TRADES QUOTE QUOTES CANDLE CANDLES MARK MARKS FUNDING RATE PRICE FUTURES FUTURE SPOT MINUTE HOUR DAILY "
        "SECOND TICK DATA BINANCE BYBIT COINBASE OKX FTX KRAKEN DERIBIT BITMEX BITFINEX HYPERLIQUID LINEAR INVERSE "
        "CSV HISTORY MARKET KLINES KLINE BOOK TICKER AGG LINEAR UM CM USDM COINM CRYPTO THE MY IN"
    ).split()
)
_SPLIT = re.compile(r"[^A-Za-z0-9]+")


def guess_symbol(path: Path | str) -> str | None:
    """The symbol a file's names tell, as `BASE-PERP`: its only zip member's, its own, then its two folders'.

    None when they tell none. Nothing is raised: a file that cannot be opened has only its own names.
    """
    path = Path(path)
    return symbol_in((*_member_names(path), path.name, path.parent.name, path.parent.parent.name))


def symbol_in(names: Sequence[str]) -> str | None:
    """The first symbol that one of `names` tells, as `BASE-PERP`: BTC_USDT_USDT-5m, btcusdt, BTC-PERP-INTX."""
    tokens_of = [[token for token in _SPLIT.split(name.upper()) if token] for name in names]
    found = next((base for tokens in tokens_of if (base := _marked_base(tokens))), None)
    if found is None:
        # A name that is only a well-known coin: btc.csv, ETH-1m.feather.
        found = next((token for tokens in tokens_of[:2] for token in tokens if token in _WELL_KNOWN), None)
    return None if found is None else f"{_RENAMED.get(found, found)}-PERP"


def _marked_base(tokens: Sequence[str]) -> str | None:
    for token, after in zip_longest(tokens, tokens[1:], fillvalue=""):
        glued = _GLUED.fullmatch(token)
        if glued and glued[1] not in _NOT_BASES and token not in _MARKERS:
            return glued[1]
        if after in _MARKERS and _BASE.fullmatch(token) and token not in _NOT_BASES | _MARKERS:
            return token
    return None


def _member_names(path: Path) -> list[str]:
    if path.suffix.lower() != ".zip":
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            return [Path(name).name for name in archive.namelist()[:1]]
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return []
