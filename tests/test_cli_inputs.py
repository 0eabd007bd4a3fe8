"""The command line with a user's own files: market data and configurations, good and bad."""

import re
from pathlib import Path

import pytest

from tests.core.edge.market.samples import CANDLES, FUNDING, RECORDED, written
from tests.replays.command import perptape


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    empty = tmp_path / "here"
    empty.mkdir()
    monkeypatch.chdir(empty)
    return empty


# Market files.


def test_record_writes_a_recording_that_replays(folder: Path) -> None:
    written(folder, "btcusdt-candles.csv", CANDLES)
    answer = perptape("record", "--market", "btcusdt-candles.csv", "-o", "s.jsonl", "--bar-stamp", "start", "--json")
    assert (answer.status, answer.err) == (0, "")
    assert {"file", "events", "state_digest"} <= set(answer.data)
    assert sorted(path.name for path in folder.iterdir()) == ["btcusdt-candles.csv", "s.jsonl"]
    replayed = perptape("replay", "s.jsonl", "--json")
    assert replayed.status == 0
    assert replayed.data[0]["state_digest"] == answer.data["state_digest"]
    again = ["record", "--market", "ETH-PERP=btcusdt-candles.csv", "-o", "e.jsonl", "--bar-stamp", "end"]
    assert "e.jsonl: " in perptape(*again).out


MADE = ["btcusdt-candles.csv"]
BYBIT = RECORDED / "perp_history" / "bybit_BTCUSDT_2022-12-13"
REAL = [str(BYBIT / name) for name in ("20221213_trade.zip", "20221213_quote.zip", "margin_interest_btcusdt.csv")]
MARKETS = [MADE, *([REAL] if BYBIT.exists() else [])]


@pytest.mark.parametrize("files", MARKETS, ids=["made", "real"][: len(MARKETS)])
def test_what_is_recorded_is_replayed_rebuilt_and_verified_to_the_same_state(files: list[str], folder: Path) -> None:
    written(folder, MADE[0], CANDLES)
    named = [part for file in files for part in ("--market", f"BTC-PERP={file}")]
    recorded = perptape("record", *named, "-o", "s.jsonl.zst", "--seed", "5", "--bar-stamp", "start", "--json")
    assert recorded.status == 0, recorded.err
    [replayed] = perptape("replay", "--json", "s.jsonl.zst").data
    verified, rebuilt = perptape("verify", "--json", "s.jsonl.zst").data, perptape("rebuild", "s.jsonl.zst").data
    assert replayed["divergence"] is verified["first_bad"] is None
    digests = {recorded.data["state_digest"], replayed["state_digest"], verified["cold"], rebuilt["state_digest"]}
    assert len(digests) == 1
    assert replayed["events"] == verified["events"] == rebuilt["version"] == recorded.data["events"]


BAD_MARKETS = {
    "missing": ["none.csv"],
    "bad symbol": ["DOGE-PERP=candles.csv"],
    "no symbol": ["candles.csv"],
    "unknown format": ["BTC-PERP=candles.csv", "--format", "nonsense"],
    "wrong bar stamp": ["BTC-PERP=candles.csv", "--bar-stamp", "middle"],
    "a folder": ["BTC-PERP=."],
    "no prices": ["BTC-PERP=text.csv"],
    "half of them": ["BTC-PERP=candles.csv", "--market", "none.csv"],
    "no such configuration": ["BTC-PERP=candles.csv", "-c", "none.toml"],
}


@pytest.mark.parametrize("name", BAD_MARKETS)
def test_a_market_that_cannot_be_used_is_one_line_and_writes_nothing(name: str, folder: Path) -> None:
    written(folder, "candles.csv", CANDLES)
    written(folder, "funding.csv", FUNDING)
    written(folder, "text.csv", "Grüße\n")
    before = sorted(folder.iterdir())
    assert perptape("record", "--market", *BAD_MARKETS[name], "-o", "s.jsonl").complaint
    assert sorted(folder.iterdir()) == before


def test_an_output_that_cannot_be_written_is_one_line(folder: Path) -> None:
    written(folder, "candles.csv", CANDLES)
    answer = perptape("record", "--market", "BTC-PERP=candles.csv", "--bar-stamp", "start", "-o", "candles.csv/s.jsonl")
    assert "candles.csv" in answer.complaint


def test_a_folder_that_is_a_file_is_one_line(folder: Path) -> None:
    written(folder, "demo", "a file")
    assert perptape("demo", "-o", "demo").complaint == "demo: File exists"


# Configuration.


def test_an_unknown_key_is_named_with_the_nearest_known_one(folder: Path) -> None:
    (folder / "bot.toml").write_text("[trading]\ncycle_ss = 5\n")
    written(folder, "candles.csv", CANDLES)
    for command in (["config", "check"], ["config", "show"], ["record", "--market", "candles.csv", "-o", "s.jsonl"]):
        complaint = perptape(*command, "-c", "bot.toml").complaint
        assert "cycle_ss" in complaint
        assert "cycle_s" in complaint.replace("cycle_ss", "")
    assert not (folder / "s.jsonl").exists()


def test_a_sound_configuration_is_called_sound() -> None:
    answer = perptape("config", "check", "--json")
    assert (answer.status, answer.data["ok"], answer.data["problems"]) == (0, True, [])
    assert len(answer.data["strategies"]) > 2
    assert "configuration OK" in perptape("config", "check").out


def test_every_problem_of_a_configuration_is_told(folder: Path) -> None:
    (folder / "bot.toml").write_text("[trading]\ncycle_ss = 5\nsymbols = 3\n")
    answer = perptape("config", "check", "-c", "bot.toml", "--json")
    assert answer.status == 2
    assert len(answer.data["problems"]) == 2
    told = perptape("config", "check", "-c", "bot.toml")
    assert (told.status, told.out, len(told.err.splitlines())) == (2, "", 2)


OWN_STRATEGY = """\
from decimal import Decimal
from typing import Any, ClassVar
from msgspec import Struct
from perptape.core.strategies import Signal

SHOWN = []

class Memory(Struct):
    signal: bool = False

class Own(Struct, frozen=True):
    memory_type: ClassVar[Any] = Memory
    memory_schema: ClassVar[int] = 1
    silent_without_signal: ClassVar[bool] = {silent}

    def initial(self): return Memory()
    def update(self, memory, market):
        SHOWN.append(market.price)
        return memory
    def signals(self, memory, view): return {signals}
"""


@pytest.mark.parametrize(
    ("silent", "signals", "finding"),
    [
        (False, "()", ""),
        (
            False,
            '[Signal("buy", Decimal(1), f"{len(SHOWN)} prices")]',
            "not deterministic: .*, then .* on the same market",
        ),
        (False, "1 / 0", "it raised ZeroDivisionError: division by zero"),
        (True, "()", ""),
        (True, '[Signal("buy", Decimal(1), "up")]', "silent_without_signal is set, but it gave"),
    ],
)
def test_a_strategy_of_ones_own_is_tried_and_what_it_does_wrong_is_told(
    folder: Path, silent: bool, signals: str, finding: str
) -> None:
    (folder / "own.py").write_text(OWN_STRATEGY.format(silent=silent, signals=signals))
    (folder / "bot.toml").write_text('[[trading.strategies]]\nname = "mine"\nkind = "own.py:Own"\n')
    answer = perptape("config", "check", "-c", "bot.toml")
    assert answer.status == (2 if finding else 0)
    assert re.search(f"mine.*{finding}", answer.complaint if finding else answer.out)


def test_the_shown_configuration_is_one() -> None:
    answer = perptape("config", "show")
    assert "[trading]" in answer.out
    Path("bot.toml").write_text(answer.out)
    assert perptape("config", "check", "-c", "bot.toml").status == 0
    assert perptape("config", "show", "--json").data
