"""`perptape golden check|accept`: files and folders, statuses, JSON, and a review that asks."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from perptape.replays.golden.difference import Changed, Difference
from perptape.replays.golden.names import golden_of
from perptape.replays.golden.text import difference_lines
from tests.replays.command import perptape
from tests.replays.golden.folder import Folder, rising, with_other_decision
from tests.replays.surgery import Tape


def test_a_folder_is_checked_whole(folder: Folder) -> None:
    for name in ("a", "b"):
        folder.accepted(name=name)
    (folder.path / "notes.jsonl").write_text('{"not": "a recording"}\n')
    answer = perptape("golden", "check", folder.path)
    assert (answer.status, [line.split(": ")[1] for line in answer.out.splitlines()]) == (
        0,
        ["matches its golden, 50 events"] * 2,
    )


def test_a_difference_is_status_1_and_both_forms_say_the_same(folder: Folder) -> None:
    folder.accepted()
    path = folder.record(rising(52_000))
    answer, data = perptape("golden", "check", path), perptape("golden", "check", path, "--json")
    assert (answer.status, data.status) == (1, 1)
    [row] = data.data
    assert (row["ok"], row["golden"]) == (False, str(folder.golden()))
    assert row["differences"][0]["meaning"] in answer.out
    assert row["differences"][0]["paths"][0] == {"path": "fills[0].price", "golden": "50088.4", "now": "50171.7"}


def test_a_recording_without_a_golden_is_status_2_and_the_others_are_checked(folder: Folder) -> None:
    folder.accepted(name="a")
    folder.record(rising(), "b")
    answer = perptape("golden", "check", folder.path)
    assert answer.status == 2
    assert "a.jsonl: matches its golden" in answer.out
    assert "perptape golden accept" in answer.err


def test_a_golden_whose_recording_is_gone_fails(folder: Folder) -> None:
    folder.accepted().unlink()
    assert perptape("golden", "check", folder.path).status == 1
    assert perptape("golden", "check", folder.golden()).status == 1


@pytest.mark.parametrize("name", ["nowhere.jsonl", ""])
def test_a_path_that_holds_nothing_is_one_line(folder: Folder, name: str) -> None:
    assert str(folder.path) in perptape("golden", "check", folder.path / name).complaint


def test_what_is_no_recording_is_one_line(folder: Folder) -> None:
    path = folder.path / "x.jsonl"
    path.write_text("hello\n")
    folder.accepted(name="y")
    folder.golden("y").rename(folder.golden("x"))
    assert "x.jsonl" in perptape("golden", "check", path).complaint
    assert "x.jsonl" in perptape("golden", "accept", path).complaint


def test_a_missing_golden_is_told_with_a_command_that_writes_it(folder: Folder) -> None:
    path = folder.record(rising())
    said = perptape("golden", "check", folder.path).complaint
    assert said.endswith(f"no golden yet; create it with: perptape golden accept {path}")
    assert perptape(*said.partition("with: perptape ")[2].split()).status == 0
    assert perptape("golden", "check", folder.path).status == 0


@pytest.mark.parametrize(
    "damage",
    [
        {"states": {"x": "y"}},
        {"states": {"x": 1}},
        {"fills": [{"version": "a"}, {"version": 1}]},
        {"orders": [{}], "account": {}, "state": {}},
        {"state": {"settings": [1], "markets": [3]}},
        {"account": {"a": {"b": [1]}}, "state": {"markets": {"BTC-PERP": 5}}},
        {"tape": {}},
        {"format": 5},
    ],
    ids=repr,
)
def test_a_golden_that_was_tampered_with_is_a_difference_or_one_line(folder: Folder, damage: dict[str, Any]) -> None:
    golden = golden_of(folder.accepted())
    golden.write_text(json.dumps(json.loads(golden.read_bytes()) | damage), encoding="utf-8")
    answer = perptape("golden", "check", folder.path)
    assert answer.status in (1, 2)
    assert answer.status == 1 or answer.err.startswith(
        (f"perptape: {golden}: not a golden: ", f"perptape: {golden}: not a valid golden")
    )
    assert perptape("golden", "accept", folder.path).status in (0, 2)


def test_a_decision_that_is_new_is_shown_by_what_it_says(folder: Folder) -> None:
    tape = Tape.read(folder.record(rising()))
    version = next(at for at in tape.decisions if tape.at(at)["type"] == "SignalGenerated")
    new = Difference("decisions", "it is new", version, (Changed(f"version {version}", None, tape.at(version)),))
    _, row = difference_lines(new)
    assert row.startswith(f'version {version}  none → SignalGenerated {{"strategy": "puppet", "symbol": "BTC-PERP"')


def test_accepting_says_what_was_accepted(folder: Folder) -> None:
    path = folder.record(rising())
    assert perptape("golden", "accept", path).out == f"{path}: golden written (s.golden.json)\n"
    folder.record(rising(52_000))
    answer = perptape("golden", "accept", path, "--json")
    [row] = answer.data
    assert (answer.status, row["change"], row["refused"]) == (0, "updated", [])
    assert perptape("golden", "check", path).status == 0


def test_a_review_asks_for_each_difference_and_says_which_stay(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.accepted()
    folder.changelog()
    with_other_decision(path, size="0.0050")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\nn\n" + "y\n" * 20))
    answer = perptape("golden", "accept", "--review", "--because", "half as large", path)
    assert answer.status == 1
    assert [line.split(":")[0] for line in answer.out.splitlines()[1:3]] == ["  accepted", "  accepted"]
    assert answer.out.count("not accepted: ModeChanged is a new decision on 1 decision") == 1
    left = perptape("golden", "check", path, "--json").data[0]["differences"]
    assert [row["meaning"].split(";")[0] for row in left] == ["ModeChanged is a new decision on 1 decision"]


def test_a_compressed_recording_has_a_golden_too(folder: Folder, tmp_path: Path) -> None:
    path = folder.record(rising())
    packed = tmp_path / "t.jsonl.zst"
    store = f"sqlite:///{tmp_path}/s.sqlite"
    assert perptape("store", "init", "--store", store).status == 0
    assert perptape("store", "import", path, "--store", store).status == 0
    assert perptape("store", "export", "bot", "-o", packed, "--store", store).status == 0
    assert perptape("golden", "accept", packed).status == 0
    assert perptape("golden", "check", packed).out.endswith("t.jsonl.zst: matches its golden, 50 events\n")
