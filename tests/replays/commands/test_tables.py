"""`perptape export-table`: files that hold the table, or one line that says why not."""

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from pyarrow import parquet

from perptape import open_recording
from perptape.eventstore.store import EventStore
from perptape.replays.tables import TABLES
from perptape.replays.tables.catalogue import find_table
from perptape.replays.upkeep.transfer import import_recording
from tests.replays.command import perptape
from tests.replays.surgery import Tape


def test_parquet_holds_the_table(session_file: Path, tmp_path: Path) -> None:
    for name in TABLES:
        path = tmp_path / f"{name}.parquet"
        table = open_recording(session_file).table(find_table(name).name)
        answer = perptape("export-table", session_file, name, "-o", path)
        assert (answer.status, answer.said) == (
            0,
            f"{path}: {table.num_rows:,} row{'s' * (table.num_rows != 1)} of {name}\n",
        )
        assert parquet.read_table(path).equals(table)


def test_csv_holds_the_table_digit_by_digit(session_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "fills.csv"
    assert perptape("export-table", session_file, "fills", "-o", path).status == 0
    printed = perptape("export-table", session_file, "fills", "-o", "-")
    assert printed.out == path.read_text(encoding="utf-8")
    found = list(csv.DictReader(StringIO(printed.out)))
    fills = open_recording(session_file).table("fills").to_pylist()
    assert [row["fill_id"] for row in found] == [row["fill_id"] for row in fills]
    assert [Decimal(row["fee"]) for row in found] == [row["fee"] for row in fills]
    assert found[0]["at"] == f"{fills[0]['at']:%Y-%m-%dT%H:%M:%S.%f}000Z"


def test_a_summary_for_programs(session_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "funding.csv"
    answer = perptape("export-table", session_file, "funding", "-o", path, "--json")
    said = {"source": str(session_file), "stream": "bot", "table": "funding", "file": str(path), "rows": 1}
    assert json.loads(answer.out) == said


def test_a_stream_is_exported_from_its_store(short_file: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tape.db'}"
    with EventStore.open(url, create=True) as store:
        import_recording(store, short_file)
    by_stream = perptape("export-table", "bot", "events", "--store", url, "-o", "-")
    assert by_stream == perptape("export-table", short_file, "events", "-o", "-")


def test_a_file_is_replaced_only_when_that_is_asked_for(short_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("mine", encoding="utf-8")
    refusal = perptape("export-table", short_file, "events", "-o", path).complaint
    assert refusal == f"{path}: the file exists: choose another name, or replace it with --overwrite"
    assert path.read_text(encoding="utf-8") == "mine"
    assert perptape("export-table", short_file, "events", "-o", path, "--overwrite").status == 0
    assert path.read_text(encoding="utf-8").startswith("version,at,type,")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["fill", "-o", "f.csv"],
            "no table 'fill': choose one of fills, orders, signals, blocks, equity, funding, events",
        ),
        (["fills", "-o", "f.xlsx"], "f.xlsx: unknown format '.xlsx': end the name in .parquet or .csv"),
        (["fills", "-o", "f"], "f: unknown format '': end the name in .parquet or .csv"),
        (["fills", "-o", "no/f.csv"], "no/f.csv: cannot be written: No such file or directory"),
        (["fills", "-o", "-", "--json"], "-o - and --json both print to standard output"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: list[str], said: str, short_file: Path, folder: Path
) -> None:
    assert perptape("export-table", short_file, *arguments).complaint.startswith(said)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("source", ["nothing.jsonl", "nobody"])
def test_a_source_that_is_not_there_is_said_in_one_line(source: str, folder: Path) -> None:
    with EventStore.open("sqlite:///perptape.sqlite", create=True):
        pass
    assert perptape("export-table", source, "fills", "-o", folder / "f.csv").complaint.startswith(f"{source}: ")


def test_damage_leaves_no_file_and_exits_with_1(session: Tape, tmp_path: Path) -> None:
    tape = session.with_line(600, session.events[599].replace(b'"at_ns":1', b'"at_ns":2'))
    path, output = tape.write(tmp_path / "s.jsonl"), tmp_path / "events.parquet"
    answer = perptape("export-table", path, "events", "-o", output)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(f"perptape: {path}: damage at version 600: ")
    assert [file.name for file in tmp_path.iterdir()] == ["s.jsonl"]
