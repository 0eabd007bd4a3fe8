"""Column names as the world spells them, per kind of row.

Names are compared in lower case without anything but letters and digits, so that `Open time`, `open_time` and
`openTime` are one. Earlier names win where a file has several.
"""

import re
from collections.abc import Mapping, Sequence

Columns = Mapping[str, int]
"""Field of a row to its position among the cells."""

_NOISE = re.compile(r"[^a-z0-9]")
_TIME = (
    "unix unixtime unixtimestamp timestamp timestampns timestampus timestampms timestamputc ts tsms tsns datetime "
    "datetimeutc timeutc dateutc gmttime date time timems timens t createdat createdtime eventtime tsevent"
).split()
_BAR_START = "opentime openingtime start starttime startat begin begintime bucket candlestarttime".split()
_BAR_END = "closetime closingtime end endtime candleendtime".split()
_TRADE_TIME = "transacttime transactiontime tradetime exectime".split()
_QUOTE_TIME = "transactiontime transacttime".split()
_FUNDING_TIME = "calctime fundingtime fundingratetimestamp fundingtimestamp".split()
_RATE = "lastfundingrate fundingrate realizedrate realisedrate".split()
_MARK = "markprice mark".split()
_SIDES = {
    "bid": "bid bidprice bidpx bestbid bestbidprice bidprice0 b".split(),
    "ask": "ask askprice askpx bestask bestaskprice offer offerprice askprice0 a".split(),
    "bid_size": "bidsize bidqty bidquantity bidamount bidvolume bestbidqty bestbidsize bestbidquantity".split(),
    "ask_size": "asksize askqty askquantity askamount askvolume bestaskqty bestasksize bestaskquantity".split(),
}
_SPELLINGS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "candles": {
        "time": (*_BAR_START, *_TIME),
        "open": "open o openprice first".split(),
        "high": "high h highprice max".split(),
        "low": "low l lowprice min".split(),
        "close": "close c closeprice last".split(),
    },
    "quotes": {"time": (*_QUOTE_TIME, *_TIME), "bid": _SIDES["bid"], "ask": _SIDES["ask"]},
    "funding": {"time": (*_FUNDING_TIME, *_TIME), "rate": (*_RATE, "rate")},
    "marks": {"time": _TIME, "price": (*_MARK, "price", "close", "value")},
    "trades": {
        "time": (*_TRADE_TIME, *_TIME),
        "price": "price p tradeprice px".split(),
        "size": "size qty quantity amount q volume vol sz baseqty tradesize tradeqty".split(),
    },
}
_OPTIONAL: Mapping[str, Mapping[str, Sequence[str]]] = {
    "candles": {"volume": "volume v vol basevolume volumefrom vol1".split(), "end": _BAR_END},
    "quotes": {"bid_size": _SIDES["bid_size"], "ask_size": _SIDES["ask_size"]},
    "funding": {},
    "marks": {},
    "trades": {
        "side": "side takerside aggressorside takerorderside direction".split(),
        "buyer_is_maker": "isbuyermaker buyermaker m".split(),
        "trade_id": "tradeid id aggtradeid aggid trdmatchid execid tid a".split(),
    },
}
_SYMBOL = "symbol productid instrument instrumentname instid product pair market ticker".split()
_ESSENTIAL = {"funding": _RATE, "marks": _MARK}


def named_columns(kind: str, header: Sequence[str]) -> Columns | None:
    """Where the fields of a row of `kind` lie, or None when a needed one is missing."""
    names = plain_names(header)
    needed = {field: _position(names, spellings) for field, spellings in _SPELLINGS[kind].items()}
    if kind == "candles" and needed["time"] is None:
        # A file with closing times only is stamped at the end.
        needed["time"] = _position(names, _BAR_END)
    found = {field: position for field, position in needed.items() if position is not None}
    if len(found) < len(needed):
        return None
    for field, spellings in {**_OPTIONAL[kind], "symbol": _SYMBOL}.items():
        position = _position(names, spellings)
        if position is None and field == "volume":
            position = next((at for at, name in enumerate(names) if name.startswith("volume")), None)
        if position is not None and position not in found.values():
            found[field] = position
    return found


def names_kind(kind: str, header: Sequence[str]) -> bool:
    """Whether the names say `kind` by themselves: a mark price or a funding rate, called so."""
    return any(name in _ESSENTIAL[kind] for name in plain_names(header))


def stamped(header: Sequence[str], columns: Columns) -> str | None:
    """Whether a candle file's time column is called a start or an end; None when its name does not tell."""
    name = plain_names(header)[columns["time"]]
    if name in _BAR_START or "end" in columns:
        return "start"
    return "end" if name in _BAR_END else None


def plain_names(header: Sequence[str]) -> list[str]:
    """Column names in lower case, letters and digits only."""
    return [_NOISE.sub("", name.lower()) for name in header]


def _position(names: Sequence[str], spellings: Sequence[str]) -> int | None:
    return next((names.index(spelling) for spelling in spellings if spelling in names), None)
