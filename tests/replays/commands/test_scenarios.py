"""`perptape scenarios`: listed, shown, run and recorded, for people and for programs; status 2 when it cannot be."""

from pathlib import Path

import pytest

from perptape.replays.scenarios.catalogue import catalogue
from tests.replays.command import perptape

OWN = """
from perptape.replays.scenarios import *
from perptape.core.events import OrderFilled

@verifies("it is bought")
def one_fill(run: Run) -> None:
    require_equal(len(run.all(OrderFilled)), {fills}, "fills")

MINE = Scenario(
    id="M1", name="mine", section="own", story="BTC stands still → it is bought",
    trading=canary(scripted("puppet", "BTC-PERP 10 buy"), guards={{"trade_value_max": None}}),
    exchange=funded(faults=(lost(answer=True),)),
    network=NetworkSettings(outages=(ChannelOutage(("market",), 15, 20),)),
    market=market(prices(BTC, {{0: 50_000, 40: 50_000}})),
    acts=(At(30, Operator("pause", actor="eve", reason="lunch")),),
    budget=Budget(5, 10),
    verifies=(one_fill,),
)
"""


def own(folder: Path, fills: int = 1) -> Path:
    path = folder / "mine.py"
    path.write_text(OWN.format(fills=fills), encoding="utf-8")
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return own(tmp_path)


def test_the_list_has_a_line_for_each_row() -> None:
    answer = perptape("scenarios", "list")
    assert answer.status == 0
    assert [line.split()[0] for line in answer.out.splitlines()] == [row.id for row in catalogue()]


def test_the_list_for_programs_says_what_each_row_verifies() -> None:
    [row] = perptape("scenarios", "list", "T01", "--json").data
    assert (row["id"], row["name"], row["section"], row["marker"], row["drill"]) == (
        "T01",
        "signal_to_position",
        "trading",
        "scenario",
        False,
    )
    assert "fill updates the position" in row["verifies"]


def ids() -> list[str]:
    return [row.id for row in catalogue()]


def test_show_tells_everything_that_the_script_says(mine: Path) -> None:
    assert perptape("scenarios", "show", mine).out.splitlines() == [
        "M1 mine (own, marker scenario)",
        "  BTC stands still → it is bought",
        "",
        "  Strategies",
        "    puppet: scripted at each quote; plan = BTC-PERP 10 buy",
        "",
        "  Settings other than canary's",
        "    guards.trade_value_max = null",
        "",
        "  Account",
        "    10000 USD, of which 500 on hold",
        "",
        "  Market",
        "    BTC-PERP: 9 prices from 0 s to 40 s, 50000",
        "",
        "  Goes wrong",
        "    submission 1 is acted upon, and the answer is lost",
        "    market down from 15 s until 20 s (connection refused)",
        "",
        "  Budget",
        "    5 requests a second, bursts of 10",
        "",
        "  Happens",
        "      30 s  eve commands pause: lunch",
        "",
        "  Verifies",
        "    it is bought",
        "      - one fill",
    ]


def test_show_for_programs_has_the_same_as_data(mine: Path) -> None:
    [row] = perptape("scenarios", "show", mine, "--json").data
    assert row["settings"] == {"guards.trade_value_max": None}
    assert row["account"] == {"cash": "10000", "hold": "500", "positions": []}
    assert row["budget"] == {"per_second": 5, "burst": 10}
    assert row["acts"] == [{"second": 30, "act": "eve commands pause: lunch"}]
    assert row["verifies"] == [{"phrase": "it is bought", "expectations": ["one fill"]}]


def test_every_row_of_the_catalogue_can_be_shown() -> None:
    rows = perptape("scenarios", "show", *ids(), "--json").data
    assert [row["id"] for row in rows] == ids()
    text = perptape("scenarios", "show", *ids()).out
    for row in catalogue():
        assert f"{row.id} {row.name} (" in text


def test_run_proves_and_counts(mine: Path) -> None:
    answer = perptape("scenarios", "run", mine)
    assert answer.status == 0
    first, last = answer.out.splitlines()
    assert first.startswith("ok     M1 mine ")
    assert last.startswith("1 passed, 0 failed; ")


def test_run_says_which_expectation_is_not_met_and_leaves_with_1(tmp_path: Path) -> None:
    answer = perptape("scenarios", "run", own(tmp_path, fills=2))
    assert answer.status == 1
    first, failure, last = answer.out.splitlines()
    assert first.startswith("FAILED M1 mine ")
    assert failure.strip() == "not met: one fill: fills: expected 2, found 1"
    assert last.startswith("0 passed, 1 failed; ")


def test_run_for_programs(tmp_path: Path) -> None:
    answer = perptape("scenarios", "run", own(tmp_path, fills=2), "--json")
    assert answer.status == 1
    assert (answer.data["passed"], answer.data["failed"]) == (0, 1)
    [row] = answer.data["scenarios"]
    assert (row["id"], row["ok"]) == ("M1", False)
    assert row["failure"] == "not met: one fill: fills: expected 2, found 1"
    assert row["events"] > row["decisions"] > 0


def test_record_writes_keeps_and_replaces(tmp_path: Path) -> None:
    mine, folder = own(tmp_path), tmp_path / "recorded"
    [row] = perptape("scenarios", "record", mine, "-o", folder, "--json").data
    path = folder / "own" / "M1_mine.jsonl"
    assert (row["id"], row["file"], row["change"]) == ("M1", str(path), "recorded")
    before = path.read_bytes()
    assert perptape("scenarios", "record", mine, "-o", folder).out.startswith(f"same      {path}  ")

    mine.write_text(mine.read_text(encoding="utf-8").replace("PERP 10 buy", "PERP 25 buy"), encoding="utf-8")
    kept = perptape("scenarios", "record", mine, "-o", folder)
    assert (kept.status, kept.err) == (1, "perptape: 1 recording differs and was not replaced: use --overwrite\n")
    assert path.read_bytes() == before
    replaced = perptape("scenarios", "record", mine, "-o", folder, "--overwrite")
    assert (replaced.status, replaced.out.split()[0]) == (0, "replaced")
    assert path.read_bytes() != before


def test_a_recording_verifies_and_replays(mine: Path, tmp_path: Path) -> None:
    perptape("scenarios", "record", mine, "-o", tmp_path)
    path = tmp_path / "own" / "M1_mine.jsonl"
    assert perptape("verify", path).status == 0
    assert perptape("replay", path).status == 0


@pytest.mark.parametrize("command", [["list"], ["show"], ["run"], ["record", "-o", "out"]])
def test_an_unknown_name_is_one_line_and_status_2(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert perptape("scenarios", *command, "Z99").complaint.startswith("Z99: no such scenario; ")


@pytest.mark.parametrize("command", [["list"], ["show"], ["run"], ["record", "-o", "out"]])
def test_a_file_that_cannot_be_run_is_one_line_and_status_2(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.py").write_text("1 / 0\n", encoding="utf-8")
    said = perptape("scenarios", *command, "bad.py").complaint
    assert said == "bad.py: cannot be run: ZeroDivisionError: division by zero"
