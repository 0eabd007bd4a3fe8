"""Tables as files: parquet, and CSV that holds every digit."""

import csv
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from msgspec import Struct

from perptape.core.durations import SECOND_NS
from perptape.core.money import plain
from perptape.replays.tables.catalogue import Table, find_table
from perptape.replays.tables.column import Cells, Column
from perptape.replays.tables.errors import TableError
from perptape.replays.tables.reader import RecordingReader
from perptape.replays.tape.reader import Progress

_FORMATS = (".parquet", ".csv")


class Exported(Struct, frozen=True):
    """What was written."""

    source: str
    stream: str
    table: str
    file: str
    rows: int


def export_table(
    recording: RecordingReader, name: str, path: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> Exported:
    """Write a table to `path`, .parquet or .csv; the file appears whole, or not at all.

    Raises TableError for an unknown table or format, a file that exists, and a decimal too long for parquet;
    DamageError for a damaged tape.
    """
    table = find_table(name)
    if path.suffix not in _FORMATS:
        raise TableError(f"{path}: unknown format {path.suffix!r}: end the name in {' or '.join(_FORMATS)}")
    if path.exists() and not overwrite:
        raise TableError(f"{path}: the file exists: choose another name, or replace it with --overwrite")
    write: _Write = _write_parquet if path.suffix == ".parquet" else _write_csv
    scratch = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        rows = write(table, recording.rows(table, progress), scratch)
        scratch.replace(path)
    except OSError as error:
        raise TableError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        scratch.unlink(missing_ok=True)
    return Exported(recording.name, recording.stream, name, str(path), rows)


def print_table(recording: RecordingReader, name: str, out: TextIO) -> None:
    """Write a table as CSV to an open text file, as far as the tape is sound."""
    table = find_table(name)
    _to_csv(table, recording.rows(table), out)


_Write = Callable[[Table, Iterable[Sequence[Cells]], Path], int]


def _write_parquet(table: Table, batches: Iterable[Sequence[Cells]], path: Path) -> int:
    from pyarrow import parquet  # noqa: PLC0415 - heavy

    from perptape.replays.tables import arrow  # noqa: PLC0415 - heavy

    count = 0
    with parquet.ParquetWriter(path, arrow.schema(table.columns), compression="zstd") as writer:
        for rows in batches:
            writer.write_batch(arrow.batch(table.columns, rows))
            count += len(rows)
    return count


def _write_csv(table: Table, batches: Iterable[Sequence[Cells]], path: Path) -> int:
    with path.open("w", encoding="utf-8", newline="") as out:
        return _to_csv(table, batches, out)


def _to_csv(table: Table, batches: Iterable[Sequence[Cells]], out: TextIO) -> int:
    count = 0
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column.name for column in table.columns)
    for rows in batches:
        writer.writerows(
            [_cell(column, value) for column, value in zip(table.columns, row, strict=True)] for row in rows
        )
        count += len(rows)
    return count


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return None
    match column.type:
        case "decimal" | "quotient":
            return plain(Decimal(value))
        case "time":
            return _rfc3339(value)
        case "boolean":
            return "true" if value else "false"
        case "integer" | "text":
            return value


def _rfc3339(at_ns: int) -> str:
    """The time with all nine decimals of its seconds, UTC."""
    seconds, rest = divmod(at_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
