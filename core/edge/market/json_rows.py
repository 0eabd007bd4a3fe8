"""JSON and JSON lines as rows of cells: lists of objects, lists of lists, or objects that wrap one such list."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from perptape.core.edge.market.delimited import names_columns
from perptape.core.edge.market.errors import MarketFileError
from perptape.core.edge.market.rows import NumberedRows

_CHECK = "check that it is a list of rows (objects or arrays), or an object around one such list"

Json = Any
"""What a JSON text holds; numbers stay text, so that no digit of a price is lost to a float."""


def read_json(text: TextIO, path: Path) -> tuple[str, tuple[str, ...] | None, NumberedRows]:
    """The unit rows are counted in, the column names if there are any, and the numbered rows."""
    try:
        first = text.readline()
        second = text.readline()
        if second.strip() and _is_complete(first):
            return "line", *_columns(_lines(chain((first, second), text), path), path, "line")
        document = _decode(first + second + text.read())
    except json.JSONDecodeError as error:
        problem = f"the JSON is truncated or damaged ({error.msg})"
        where = f"line {error.lineno}"
        raise MarketFileError(path, problem, "fetch or copy the file again", where=where) from error
    except UnicodeDecodeError as error:
        raise MarketFileError(path, f"the JSON is not UTF-8 ({error.reason})", _CHECK) from error
    rows = _rows_within(document)
    if rows is None:
        raise MarketFileError(path, "the JSON has no list of rows", _CHECK)
    return "item", *_columns(iter(enumerate(rows, 1)), path, "item")


def _decode(text: str) -> Json:
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _is_complete(line: str) -> bool:
    try:
        _decode(line)
    except json.JSONDecodeError:
        return False
    return True


def _lines(lines: Iterator[str], path: Path) -> Iterator[tuple[int, Json]]:
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _decode(line)
    except json.JSONDecodeError as error:
        problem = f"the line is no JSON ({error.msg})"
        raise MarketFileError(path, problem, "correct or remove it", where=f"line {number}") from error
    except UnicodeDecodeError as error:
        raise MarketFileError(path, f"the JSON is not UTF-8 ({error.reason})", _CHECK) from error


def _rows_within(document: Json) -> list[Json] | None:
    """The list of rows: the document itself, or the one list of objects or lists inside it."""
    if isinstance(document, list):
        return [document] if document and not isinstance(document[0], list | dict) else document
    if not isinstance(document, dict):
        return None
    found = [rows for value in document.values() if (rows := _wrapped(value))]
    if len(found) == 1:
        return found[0]
    if not found and any(isinstance(value, list) and not value for value in document.values()):
        return []
    return None if found or any(isinstance(value, dict) for value in document.values()) else [document]


def _wrapped(value: Json) -> list[Json] | None:
    if isinstance(value, dict):
        return next((rows for inner in value.values() if (rows := _wrapped(inner))), None)
    if isinstance(value, list) and value and isinstance(value[0], list | dict):
        return value
    return None


def _columns(items: Iterator[tuple[int, Json]], path: Path, unit: str) -> tuple[tuple[str, ...] | None, NumberedRows]:
    number, first = next(items, (0, None))
    if first is None:
        return None, _arrays(iter(()), path, unit)
    items = chain(((number, first),), items)
    if isinstance(first, dict):
        header = tuple(first)
        return header, _objects(items, header, path, unit)
    rows = _arrays(items, path, unit)
    if isinstance(first, list) and names_columns([_cell(value) for value in first]):
        next(rows)
        return tuple(_cell(value) for value in first), rows
    return None, rows


def _objects(items: Iterator[tuple[int, Json]], header: tuple[str, ...], path: Path, unit: str) -> NumberedRows:
    for number, item in items:
        if not isinstance(item, dict):
            problem = f"is {_shown(item)}, not an object like the first"
            raise MarketFileError(path, problem, _CHECK, where=f"{unit} {number}")
        yield number, [_cell(item.get(name)) for name in header]


def _arrays(items: Iterator[tuple[int, Json]], path: Path, unit: str) -> NumberedRows:
    for number, item in items:
        if not isinstance(item, list):
            problem = f"is {_shown(item)}, not an array"
            raise MarketFileError(path, problem, _CHECK, where=f"{unit} {number}")
        yield number, [_cell(value) for value in item]


def _cell(value: Json) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


def _shown(value: Json) -> str:
    text = str(value)
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
