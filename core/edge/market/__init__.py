"""Market files a user already has, and synthetic markets, as one time-ordered market path."""

from perptape.core.edge.market.conditions import CONDITIONS, Conditions
from perptape.core.edge.market.digest import MarketDigest, market_digest, require_same_market
from perptape.core.edge.market.errors import ConditionsError, MarketChangedError, MarketFileError, MarketOverlapError
from perptape.core.edge.market.file import MarketFile, open_market_file
from perptape.core.edge.market.formats import FORMATS
from perptape.core.edge.market.path import market_path
from perptape.core.edge.market.points import (
    BookPoint,
    CandlePoint,
    FundingPoint,
    MarketPoint,
    MarkPoint,
    PricePoint,
    TradePoint,
)
from perptape.core.edge.market.symbols import guess_symbol
from perptape.core.edge.market.synthetic import synthetic_path

__all__ = [
    "CONDITIONS",
    "FORMATS",
    "BookPoint",
    "CandlePoint",
    "Conditions",
    "ConditionsError",
    "FundingPoint",
    "MarkPoint",
    "MarketChangedError",
    "MarketDigest",
    "MarketFile",
    "MarketFileError",
    "MarketOverlapError",
    "MarketPoint",
    "PricePoint",
    "TradePoint",
    "guess_symbol",
    "market_digest",
    "market_path",
    "open_market_file",
    "require_same_market",
    "synthetic_path",
]
