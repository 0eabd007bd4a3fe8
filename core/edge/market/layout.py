"""What a market file turned out to be: its format and where the fields of a row lie."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from perptape.core.edge.market.columns import Columns, named_columns, names_kind, plain_names, stamped
from perptape.core.edge.market.formats import FORMATS, LEAN_QUOTE_BARS, Format, Sample
from perptape.core.edge.market.place import Place

_SAYS_MARK = re.compile(r"(?<![a-z])mark(?![a-z])|mark_?price", re.IGNORECASE)
_FOLDER_SAYS_MARK = re.compile(r"mark_?price", re.IGNORECASE)
_SAYS_FUNDING = re.compile(r"funding", re.IGNORECASE)
_FREQTRADE = ["date", "open", "high", "low", "close", "volume"]
_LOOKED_AT = 64
_CANDLE_LIKE = ("mark-candles", "funding-candles")


class Layout(NamedTuple):
    """`stamps` is "start" or "end" where the file itself says which end of a bar its times are, else None."""

    format: Format
    columns: Columns
    stamps: str | None = None


def find_layout(
    header: Sequence[str] | None, sample: Sample, names: Sequence[str], *, wanted: str | None, place: Place
) -> Layout:
    """The layout of a table, told by its column names, or without them by the look of its first rows.

    `names` (of the file and its folders) decide only between formats that look alike. `wanted` is a format's name
    that the user gave. Raises MarketFileError when no format fits.
    """
    width = len(header) if header is not None else usual_width(sample)
    sample = [cells for cells in sample if len(cells) == width][:_LOOKED_AT]
    if wanted is not None:
        return _wanted_layout(header, sample, wanted, place)
    found = _named(header, sample, names, place) if header is not None else _unnamed(sample, names)
    if found is None:
        shown = ", ".join(header if header is not None else sample[0])[:120]
        what = "column names" if header is not None else "first row"
        raise place.error(f"no known market format has the {what} '{shown}'", _advice())
    return found


def usual_width(sample: Sample) -> int:
    """The number of cells that most rows have."""
    return Counter(map(len, sample)).most_common(1)[0][0]


def _advice() -> str:
    return f"name the format with --format, one of {', '.join(FORMATS)}"


def _wanted_layout(header: Sequence[str] | None, sample: Sample, wanted: str, place: Place) -> Layout:
    chosen = FORMATS.get(wanted)
    if chosen is None:
        raise place.error(f"'{wanted}' is no format", _advice())
    if header is None:
        if chosen.columns is None:
            raise place.error(f"format {wanted} needs column names", "put them on the first line")
        if max(chosen.columns.values()) >= len(sample[0]) and not _lacks_volume_only(chosen.columns, sample):
            problem = f"format {wanted} ({chosen.about}) needs more than the {len(sample[0])} columns there are"
            raise place.error(problem, "name another format, or none")
        return Layout(chosen, _within(chosen.columns, sample), chosen.stamps)
    columns = named_columns(_shape(chosen), header) if chosen.by_name else None
    if columns is None:
        problem = f"format {wanted} ({chosen.about}) does not fit the column names '{', '.join(header)[:120]}'"
        raise place.error(problem, "name another format, or none")
    return Layout(chosen, columns, _stamps(header, columns, chosen))


def _named(header: Sequence[str], sample: Sample, names: Sequence[str], place: Place) -> Layout | None:
    fitting = {kind: named_columns(kind, header) for kind in ("quotes", "candles", "funding", "marks", "trades")}
    says_mark, says_funding = names_kind("marks", header), names_kind("funding", header)
    if says_mark and says_funding and fitting["marks"]:
        raise place.error(
            "the file has mark prices and funding rates", "say which to read: --format marks or --format funding"
        )
    if candles := fitting["candles"]:
        chosen = _candle_format(sample, candles, names, plain_names(header))
        return Layout(chosen, candles, _stamps(header, candles, chosen))
    if quotes := fitting["quotes"]:
        is_dump = "updateid" in plain_names(header)
        return Layout(FORMATS["binance-book-ticker" if is_dump else "quotes"], quotes)
    for kind, said in (("funding", says_funding), ("marks", says_mark), ("trades", True), ("funding", True)):
        columns = fitting[kind]
        if columns and said:
            return Layout(_trade_format(header) if kind == "trades" else FORMATS[kind], columns)
    if fitting["marks"] and _says_mark(names):
        return Layout(FORMATS["marks"], fitting["marks"])
    return None


def _unnamed(sample: Sample, names: Sequence[str]) -> Layout | None:
    for each in _fitting(sample):
        columns = _within(each.columns or {}, sample)
        chosen = _candle_format(sample, columns, names, ()) if each.name == "candles" else each
        return Layout(chosen, columns, each.stamps)
    if len(sample[0]) == 2 and _says_mark(names):
        return Layout(FORMATS["marks"], FORMATS["marks"].columns or {})
    return None


def _fitting(sample: Sample) -> Iterator[Format]:
    return (each for each in FORMATS.values() if each.fits is not None and each.fits(sample))


def _candle_format(sample: Sample, columns: Columns, names: Sequence[str], header: Sequence[str]) -> Format:
    rest = [columns[name] for name in ("high", "low", "close")]
    if sample and _mostly_zero(sample, rest):
        return FORMATS["funding-candles"]
    flat = "volume" not in columns or _mostly_zero(sample, [columns["volume"]])
    if flat and _says_mark(names):
        return FORMATS["mark-candles"]
    if flat and any(map(_SAYS_FUNDING.search, names[:1])):
        return FORMATS["funding-candles"]
    return FORMATS["binance-klines" if "closetime" in header and "opentime" in header else "candles"]


def _trade_format(header: Sequence[str]) -> Format:
    names = plain_names(header)
    if not {"isbuyermaker", "buyermaker"}.intersection(names):
        return FORMATS["trades"]
    return FORMATS["binance-agg-trades" if "aggtradeid" in names else "binance-trades"]


def _stamps(header: Sequence[str], columns: Columns, chosen: Format) -> str | None:
    if _shape(chosen) != "candles":
        return None
    # freqtrade documents its files: these six columns, stamped at the start.
    return "start" if plain_names(header) == _FREQTRADE and chosen.stamps is None else stamped(header, columns)


def _shape(chosen: Format) -> str:
    return "candles" if chosen.name in _CANDLE_LIKE else chosen.kind


def _within(columns: Columns, sample: Sample) -> Columns:
    return {field: at for field, at in columns.items() if at < len(sample[0])}


def _lacks_volume_only(columns: Columns, sample: Sample) -> bool:
    return columns is not LEAN_QUOTE_BARS and columns.get("volume") == len(sample[0]) and "end" not in columns


def _says_mark(names: Sequence[str]) -> bool:
    # A folder may be called mark after a person: folders have to say more than files.
    *own, folder, outer = names
    return any(map(_SAYS_MARK.search, own)) or any(map(_FOLDER_SAYS_MARK.search, (folder, outer)))


def _mostly_zero(sample: Sample, positions: Sequence[int]) -> bool:
    zeros = sum(all(_is_zero(cells[at]) for at in positions) for cells in sample)
    return 2 * zeros > len(sample)


def _is_zero(text: str) -> bool:
    return bool(text.strip()) and not text.strip().strip("0.")
