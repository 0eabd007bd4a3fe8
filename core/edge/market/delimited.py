"""Delimited text (CSV with commas, semicolons or tabs) as rows of cells."""

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TextIO

from perptape.core.edge.market.errors import MarketFileError
from perptape.core.edge.market.rows import NumberedRows
from perptape.core.edge.market.timestamps import is_time

_DELIMITERS = ",;\t"


def read_delimited(text: TextIO, path: Path) -> tuple[tuple[str, ...] | None, NumberedRows]:
    """The column names, if the first row has any, and the numbered rows below."""
    lines = _lines(text, path)
    skipped, first = _first_line(lines)
    delimiter = max(_DELIMITERS, key=first.count)
    rows = _rows(chain((first,), lines), delimiter, skipped, path)
    number, cells = next(rows, (0, ()))
    if names_columns(cells):
        return tuple(cell.strip() for cell in cells), rows
    return None, _rejoined((number, cells), rows)


def names_columns(cells: Sequence[str]) -> bool:
    """Whether cells look like column names: some word, and nothing that is a number, a time or a truth value."""
    texts = [cell.strip() for cell in cells]
    return any(text[:1].isalpha() or text[:1] == "<" for text in texts) and not any(map(_is_value, texts))


def _is_value(text: str) -> bool:
    if text.lower() in {"true", "false", "nan", "inf", "-inf"} or is_time(text):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def _first_line(lines: Iterator[str]) -> tuple[int, str]:
    # Some publishers put their address or a comment above the column names.
    for skipped, line in enumerate(lines):
        bare = line.strip()
        if bare and not bare.startswith(("#", "http:", "https:")):
            return skipped, line
    return 0, ""


def _lines(text: TextIO, path: Path) -> Iterator[str]:
    try:
        yield from text
    except UnicodeDecodeError as error:
        problem = f"the file is neither a known binary format nor UTF-8 text ({error.reason})"
        raise MarketFileError(path, problem, "check that it is the file you mean") from error


def _rows(lines: Iterator[str], delimiter: str, skipped: int, path: Path) -> NumberedRows:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num + skipped, cells
    except csv.Error as error:
        where = f"line {reader.line_num + skipped}"
        raise MarketFileError(path, f"is not delimited text ({error})", "check the line", where=where) from error


def _rejoined(first: tuple[int, Sequence[str]], rows: NumberedRows) -> NumberedRows:
    yield first
    yield from rows
