"""Rows as Arrow: record batches of a table."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from perptape.core.money import plain
from perptape.replays.tables.column import Cells, Column, ColumnType
from perptape.replays.tables.decimals import DIGITS, SCALE, fitted, rounded
from perptape.replays.tables.errors import TableError

_TYPES: dict[ColumnType, Any] = {
    "integer": pa.int64(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "quotient": pa.decimal128(DIGITS, SCALE),
    "decimal": pa.decimal128(DIGITS, SCALE),
    "time": pa.timestamp("ns", tz="UTC"),
}


def schema(columns: Sequence[Column]) -> Any:
    """The Arrow schema; what a column holds is in its metadata under `about`."""
    return pa.schema(
        [pa.field(column.name, _TYPES[column.type], metadata={"about": column.about}) for column in columns]
    )


def batch(columns: Sequence[Column], rows: Sequence[Cells]) -> Any:
    """A record batch of these rows. Raises TableError for a decimal that its column cannot hold exactly."""
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [_array(column, cells, rows) for column, cells in zip(columns, values, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema(columns))


def _array(column: Column, cells: Iterable[Any], rows: Sequence[Cells]) -> Any:
    kind = _TYPES[column.type]
    if column.type not in ("decimal", "quotient"):
        return pa.array(cells, kind)
    fitting = []
    for row, value in zip(rows, cells, strict=True):
        fitting.append(None if value is None else fitted(rounded(value) if column.type == "quotient" else value))
        if value is not None and fitting[-1] is None:
            raise _unfit(column, row, value)
    return pa.array(fitting, kind)


def _unfit(column: Column, row: Cells, value: Decimal) -> TableError:
    room = f"{SCALE} decimals and {DIGITS - SCALE} digits before the point"
    return TableError(
        f"version {row[0]}: {column.name} is {plain(value)}, and a table holds {room}; "
        "write .csv, which holds every digit, or read the events themselves"
    )


def table(columns: Sequence[Column], batches: list[Any]) -> Any:
    """The batches as one table, without copying them."""
    return pa.Table.from_batches(batches, schema=schema(columns))


def reader(columns: Sequence[Column], batches: Iterable[Any]) -> Any:
    """The batches one after the other."""
    return pa.RecordBatchReader.from_batches(schema(columns), batches)
