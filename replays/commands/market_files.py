"""Market files named on the command line, opened and put to their symbols."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from perptape.core.edge.market import MarketFile, guess_symbol, open_market_file
from perptape.core.errors import MarketDataError

_SYMBOL = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]*)=(.+)", re.DOTALL)


def open_by_symbol(
    arguments: Sequence[str], file_format: str | None, bar_stamp: str | None
) -> dict[str, list[MarketFile]]:
    """The files of `[SYMBOL=]FILE` arguments, by symbol in the order of the command line. Raises MarketDataError."""
    if bar_stamp not in (None, "start", "end"):
        raise MarketDataError(f"--bar-stamp {bar_stamp}: use start or end")
    files: dict[str, list[MarketFile]] = {}
    for argument in arguments:
        symbol, path = _split(argument)
        opened = open_market_file(path, format=file_format, bar_stamp=bar_stamp)  # type: ignore[arg-type]
        symbol = symbol or opened.symbol or guess_symbol(path)
        if symbol is None:
            raise MarketDataError(f"{path}: cannot determine the symbol from the file; use SYMBOL={path}")
        files.setdefault(symbol, []).append(opened)
    return files


def _split(argument: str) -> tuple[str | None, Path]:
    found = _SYMBOL.fullmatch(argument)
    if found is None or Path(argument).exists():
        return None, Path(argument)
    return found[1].upper(), Path(found[2])


def span(files: Mapping[str, Sequence[MarketFile]]) -> tuple[int, int | None]:
    """First and last time of the files, for progress; the last is None when it would take reading them."""
    every = [file for of_symbol in files.values() for file in of_symbol]
    ends = [file.last_ns for file in every if file.kind not in ("funding", "marks")]
    known = [end for end in ends if end is not None]
    return min(file.first_ns for file in every), max(known) if len(known) == len(ends) and known else None
