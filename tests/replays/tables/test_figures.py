"""The figures of the tables are those of the golden and of `rebuild`, wherever the tape is."""

import json
from decimal import Context, Decimal, localcontext
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from perptape import RecordingReader, open_recording
from perptape.eventstore.store import EventStore
from perptape.replays.golden.form import load
from perptape.replays.golden.names import recording_of
from perptape.replays.golden.take import take
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.tables import TableName
from perptape.replays.tape.source import TapePoint
from perptape.replays.upkeep.sealing import seal_and_continue
from perptape.replays.upkeep.transfer import export_stream, import_recording
from tests.house.layout import ROOT
from tests.replays.surgery import Tape
from tests.replays.tables.against_golden import differences, rows

CATALOGUE = ROOT / "replays" / "scenarios" / "recordings"


@pytest.fixture(params=["file", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, session_file: Path, tmp_path: Path) -> str | None:
    """The session in a store, or None for the file."""
    if request.param == "file":
        return None
    url: str
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'tape.db'}"
    else:
        url = request.getfixturevalue("postgres_store_url")
    with EventStore.open(url, create=True) as opened:
        import_recording(opened, session_file)
    return url


@pytest.fixture
def recording(store: str | None, session_file: Path) -> RecordingReader:
    return open_recording(session_file) if store is None else open_recording("bot", store=store)


def test_orders_fills_fees_funding_and_equity_are_those_of_the_golden(
    recording: RecordingReader, session_file: Path
) -> None:
    golden = take(session_file)
    assert len(golden.fills) > 20
    assert golden.account["total"]["funding"] != "0"
    assert differences(recording, golden) == []


def test_pandas_and_polars_give_the_account_that_rebuild_gives(
    recording: RecordingReader, session_file: Path, store: str | None
) -> None:
    rebuilt = rebuild(str(session_file) if store is None else "bot", store or "", TapePoint())
    account = json.loads(bytes(rebuilt.state))["account"]

    fills = pl.DataFrame(recording.table("fills"))
    equity = recording.table("equity").to_pandas(types_mapper=pd.ArrowDtype).set_index("at")
    funding = recording.table("funding").to_pandas(types_mapper=pd.ArrowDtype)

    assert fills["fee"].sum() == equity["fees"].iloc[-1] == Decimal(account["total"]["fees"])
    assert fills["realised"].sum() == equity["realised"].iloc[-1] == Decimal(account["total"]["realised"])
    assert funding["amount"].sum() == equity["funding"].iloc[-1] == Decimal(account["total"]["funding"])
    assert equity["equity"].iloc[-1] == Decimal(account["equity"])
    assert fills.height == account["total"]["fills"]
    assert str(equity.index.dtype) == "timestamp[ns, tz=UTC][pyarrow]"
    assert fills.schema["price"] == pl.Decimal(38, 18)
    assert fills.schema["at"] == pl.Datetime("ns", "UTC")


def test_all_events_and_every_signal_and_refusal_are_there(recording: RecordingReader, session: Tape) -> None:
    recorded = [json.loads(line) for line in session.events]
    found = rows(recording, "events")

    assert [row["hash"] for row in found] == [event["hash"] for event in recorded]
    assert [json.loads(row["data"]) for row in found] == [event["data"] for event in recorded]
    assert [(row["type"], row["cause"]) for row in found] == [(event["type"], event["cause"]) for event in recorded]
    kinds: dict[TableName, str] = {"signals": "SignalGenerated", "blocks": "OrderBlocked"}
    for table, kind in kinds.items():
        versions = [event["version"] for event in recorded if event["type"] == kind]
        assert versions
        assert recording.table(table)["version"].to_pylist() == versions


def test_the_whole_catalogue_has_the_figures_of_its_goldens() -> None:
    goldens = sorted(CATALOGUE.rglob("*.golden.json"))
    assert len(goldens) > 70
    wrong = {}
    for golden in goldens:
        recording = recording_of(golden)
        assert recording is not None
        wrong[golden.name] = differences(open_recording(recording), load(golden))
    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_seam_in_a_stream_changes_no_figure_and_what_is_open_goes_on(tmp_path: Path) -> None:
    file = recording_of(CATALOGUE / "broker" / "B04_rejected_after_accept.golden.json")
    assert file is not None
    url = f"sqlite:///{tmp_path / 'tape.db'}"
    with EventStore.open(url, create=True) as store:
        stream = import_recording(store, file).stream
        seal_and_continue(store, stream, url)

    whole, seamed, rest = (
        open_recording(file),
        open_recording(stream, store=url),
        open_recording(f"{stream}#2", store=url),
    )
    assert "open" in whole.table("orders")["status"].to_pylist()
    names: tuple[TableName, ...] = ("fills", "orders", "signals", "blocks", "equity", "funding")
    for name in names:
        assert rows(seamed, name) == rows(whole, name)
    begun = rest.first_version
    kept = [row["client_order_id"] for row in rows(rest, "orders")]
    assert rows(rest, "orders") == [
        {**row, "version": begun} for row in rows(whole, "orders") if row["client_order_id"] in kept
    ]
    assert "open" in rest.table("orders")["status"].to_pylist()
    assert {**rows(rest, "equity")[0], "version": 0, "at": 0} == {**rows(whole, "equity")[-1], "version": 0, "at": 0}


def test_an_opening_state_runs_no_code_that_it_names(session_file: Path, tmp_path: Path) -> None:
    with EventStore.open(f"sqlite:///{tmp_path / 'tape.db'}", create=True) as store:
        import_recording(store, session_file)
        seal_and_continue(store, "bot", f"sqlite:///{tmp_path / 'tape.db'}")
        export_stream(store, "bot#2", tmp_path / "rest.jsonl")
    rest = Tape.read(tmp_path / "rest.jsonl")
    opening, *others = rest.events
    named = opening.replace(b'"kind":"ma_crossover"', b'"kind":"own.py:Own"')
    assert named != opening

    settings = json.dumps(json.loads(rest.header)["trading"]).replace("ma_crossover", "own.py:Own")
    path = rest._replace(events=(named, *others)).reheaded(trading=json.loads(settings)).write(tmp_path / "named.jsonl")
    assert rows(open_recording(path), "equity") == rows(open_recording(tmp_path / "rest.jsonl"), "equity") != []


def test_figures_do_not_depend_on_the_callers_decimal_context(session_file: Path) -> None:
    recording = open_recording(session_file)
    with localcontext(Context(prec=5)):
        rough = recording.table("equity")
    assert rough.equals(recording.table("equity"))
