"""Numbers in tables are exact, or refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from perptape import events, open_recording
from perptape.replays.tables import arrow
from perptape.replays.tables.column import Column
from perptape.replays.tables.errors import TableError
from tests.replays.command import perptape
from tests.replays.surgery import Tape

COLUMNS = (Column("version", "integer", "place"), Column("price", "decimal", "quote currency"))


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-0.000",
        "1E+3",
        "-2.50",
        "0.000000000000000001",
        "99999999999999999999.999999999999999999",
        "1.5000000000000000000000000000",
        "0E-30",
        "1E+19",
    ],
)
def test_a_decimal_comes_out_as_it_went_in(text: str) -> None:
    batch = arrow.batch(COLUMNS, [(1, Decimal(text)), (2, None)])
    assert batch["price"].to_pylist() == [Decimal(text), None]


@pytest.mark.parametrize("text", ["1E-19", "1E+20", "1.0000000000000000001", "123456789012345678901"])
def test_a_decimal_that_does_not_fit_is_named_and_not_rounded(text: str) -> None:
    with pytest.raises(TableError, match=r"^version 7: price is .*1.*18 decimals.*\.csv") as refused:
        arrow.batch(COLUMNS, [(6, Decimal(1)), (7, Decimal(text))])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("0.4729885359669987617318432873", "0.472988535966998762"),
        ("0.0000000000000000025", "0.000000000000000002"),
        ("-123456789.25", "-123456789.25"),
        ("12345678901234567890.1234567890123456785", "12345678901234567890.123456789012345678"),
    ],
)
def test_a_quotient_is_rounded_half_even_to_what_a_table_holds(text: str, held: str) -> None:
    columns = (COLUMNS[0], Column("leverage", "quotient", "a fraction"))
    assert arrow.batch(columns, [(1, Decimal(text))])["leverage"].to_pylist() == [Decimal(held)]
    with pytest.raises(TableError, match=r"^version 1: leverage is "):
        arrow.batch(columns, [(1, Decimal(text) * 10**20 * 10**20)])


def test_an_empty_table_has_its_columns(short_file: Path) -> None:
    table = open_recording(short_file).table("funding")
    assert table.num_rows == 0
    assert table.schema.names[:3] == ["version", "at", "venue_at"]
    assert table.schema.field("amount").metadata == {b"about": b"quote currency; positive: received, negative: paid"}


def test_csv_holds_the_digits_that_a_table_cannot(session: Tape, tmp_path: Path) -> None:
    version = next(open_recording(session.write(tmp_path / "as_it_was.jsonl")).events(events.OrderFilled)).version
    long = "0.1234567890123456789012345"
    path = session.changed(version, fee=long).write(tmp_path / "s.jsonl")

    refusal = perptape("export-table", path, "fills", "-o", tmp_path / "fills.parquet").complaint
    assert refusal.startswith(f"version {version}: fee is {long}, and a table holds 18 decimals")
    assert f",{long}," in perptape("export-table", path, "fills", "-o", "-").out
    assert [file.name for file in tmp_path.glob("*fills*")] == []
