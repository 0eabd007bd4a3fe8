"""Feather (Arrow IPC) and parquet files as rows of cells."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from perptape.core.edge.market.errors import MarketFileError
from perptape.core.edge.market.rows import NumberedRows

COLUMNAR_MAGICS = (b"ARROW1", b"FEA1", b"PAR1")
_RESTORE = "fetch or copy the file again"


def read_columnar(stream: IO[bytes], path: Path) -> tuple[tuple[str, ...], NumberedRows]:
    """The column names and the rows numbered from 1. Floats become their shortest round-trip text."""
    # The import takes a tenth of a second, which only those with such files should wait for.
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import feather, parquet  # noqa: PLC0415

    payload = stream.read()
    source = pa.BufferReader(payload)
    try:
        read = parquet.read_table if payload.startswith(b"PAR1") else feather.read_table
        table = read(source)
        columns = [_text_cells(pa, column) for column in table.columns]
    except (pa.ArrowException, OSError) as error:
        problem = f"the file is truncated or damaged ({error})"
        raise MarketFileError(path, problem, _RESTORE) from error
    return tuple(map(str, table.column_names)), _rows(columns)


def _rows(columns: list[Iterator[str]]) -> NumberedRows:
    yield from enumerate(zip(*columns, strict=True), 1)


def _text_cells(pa: Any, column: Any) -> Iterator[str]:
    # Any: pyarrow ships no types.
    if pa.types.is_timestamp(column.type):
        whole = column.cast(pa.timestamp("ns", column.type.tz)).cast(pa.int64())
        return _texts(str, whole.to_pylist())
    if pa.types.is_floating(column.type):
        return _texts(repr, column.to_pylist())
    return _texts(str, column.to_pylist())


def _texts(write: Any, values: Iterable[Any]) -> Iterator[str]:
    return ("" if value is None else write(value) for value in values)
