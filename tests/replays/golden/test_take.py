"""A golden says what a recording came to, in rows that a person can read and version control can compare."""

import json
from pathlib import Path

import pytest

from perptape.core.errors import PerptapeError
from perptape.replays.golden.errors import GoldenError
from perptape.replays.golden.form import dump, load, save
from perptape.replays.golden.layout import laid_out
from perptape.replays.golden.names import golden_of
from perptape.replays.golden.take import PLACES_MAX, take
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.scenarios import BTC
from perptape.replays.tape.source import TapePoint
from tests.replays.golden.folder import Folder, rising


def test_orders_fills_and_results_are_rows(folder: Folder) -> None:
    golden = take(folder.record(rising()))
    assert [(row["side"], row["purpose"], row["status"]) for row in golden.orders] == [
        ("buy", "entry", "filled"),
        ("sell", "exit", "filled"),
        ("buy", "entry", "filled"),
    ]
    assert [row["client_order_id"] for row in golden.fills] == [row["client_order_id"] for row in golden.orders]
    [sleeve] = [row for row in golden.results if row.get("strategy") and row["symbol"] == BTC]
    assert (sleeve["fills"], sleeve["position"]) == (3, golden.orders[2]["filled_size"])


def test_verdicts_modes_and_alerts_are_rows(session_file: Path) -> None:
    golden = take(session_file)
    assert {row["verdict"] for row in golden.guards} == {"blocked", "tripped", "cleared"}
    assert all(row["measured"] and row["limit"] for row in golden.guards if row["verdict"] == "blocked")
    assert golden.modes[0]["previous"] == "normal"
    assert [row for row in golden.alerts if row["severity"] == "warning"]


def test_every_digest_on_the_way_is_that_of_rebuilding_there(session_file: Path) -> None:
    golden = take(session_file)
    assert len(golden.states) > PLACES_MAX // 2
    for version, digest in golden.states.items():
        assert rebuild(str(session_file), "", TapePoint(version=int(version))).state_digest == digest


def test_the_last_digest_is_of_the_state_that_it_shows(folder: Folder) -> None:
    path = folder.record(rising())
    rebuilt = rebuild(str(path), "", TapePoint())
    golden = take(path)
    assert (list(golden.states.items())[-1], golden.state) == (
        (str(rebuilt.version), rebuilt.state_digest),
        json.loads(bytes(rebuilt.state)),
    )


def test_a_fill_that_was_told_twice_is_one_row(session_file: Path) -> None:
    ids = [row["fill_id"] for row in take(session_file).fills]
    assert len(ids) == len(set(ids)) > 10


def test_a_golden_comes_back_from_its_file(folder: Folder) -> None:
    golden = take(folder.record(rising()))
    save(golden, folder.golden())
    assert load(folder.golden()) == golden
    assert folder.golden().read_text() == dump(golden)


def test_a_row_stands_on_a_line_where_it_fits() -> None:
    row = {"a": "x" * 50, "b": [1, 2, 3]}
    assert laid_out({"rows": [row, {"c": "y" * 130}]}) == (
        '{\n "rows": [\n  {"a": "' + "x" * 50 + '", "b": [1, 2, 3]},\n  {\n   "c": "' + "y" * 130 + '"\n  }\n ]\n}'
    )


@pytest.mark.parametrize(("recording", "golden"), [("a.jsonl", "a.golden.json"), ("a.jsonl.zst", "a.golden.json")])
def test_a_golden_lies_beside_its_recording(recording: str, golden: str) -> None:
    assert golden_of(Path("x") / recording) == Path("x") / golden


@pytest.mark.parametrize("text", ["", "[]", '{"format":"perptape-golden"}', "\udcff"])
def test_what_is_no_golden_is_refused_in_one_line(folder: Folder, text: str) -> None:
    folder.golden().write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(GoldenError, match=r"s\.golden\.json: not a golden"):
        load(folder.golden())


def test_a_golden_of_a_later_form_is_refused(folder: Folder) -> None:
    path = folder.accepted()
    later = folder.golden().read_text().replace('"format_version": 2', '"format_version": 3')
    folder.golden().write_text(later)
    with pytest.raises(PerptapeError, match="version 3"):
        load(golden_of(path))
