"""Recording: the same plan gives the same file; a file appears whole or not at all; another plan is refused."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from perptape.core.edge.market import MarketDigest, MarketPoint, open_market_file, synthetic_path
from perptape.core.edge.market.conditions import VOLATILE
from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.core.edge.simulation.exchange.simulated import Stage
from perptape.core.errors import MarketDataError, SimulationError
from perptape.core.ports import Log, Snapshot
from perptape.core.settings import StrategySettings, TradingSettings
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.verify import verify
from perptape.replays.record import Hooks, Plan, plan_from_files, record
from tests.house.layout import PATHS

ROOT = Path(__file__).parents[2]
START_NS = 1_736_150_400_000_000_000
STEP_NS = 10_000_000_000
TRADING = TradingSettings(
    strategies=(StrategySettings("crossover", "ma_crossover", trigger="quote", parameters={"fast": 2, "slow": 4}),)
)


def market(seed: int, steps: int) -> Iterator[MarketPoint]:
    prices = {"BTC-PERP": Decimal(50_000), "ETH-PERP": Decimal(3_000)}
    return synthetic_path(prices, VOLATILE, seed=seed, start_ns=START_NS, steps=steps, step_ns=STEP_NS)


def plan(seed: int = 3, steps: int = 40) -> Plan:
    digest = MarketDigest((), (("test", f"{seed} {steps}"),))
    return Plan(TRADING, ExchangeSettings(seed=seed), partial(market, seed, steps), digest, seed)


class Interrupted(Exception):
    """The process ends here."""


def interrupt(output: Path, at_call: int = 9, of: Plan | None = None, at_stage: Stage = "journaled") -> None:
    """Begin a recording and leave it unfinished."""
    calls = iter(range(1, 10_000))

    def stage(reached: Stage) -> None:
        if reached == at_stage and next(calls) == at_call:
            raise Interrupted

    with pytest.raises(Interrupted):
        record(of or plan(), output, hooks=Hooks(stage=stage))


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, but for the databases' shared memory, which readers touch."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_plan_gives_the_same_file_whatever_its_name_and_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    outputs = [tmp_path / "a.jsonl", tmp_path / "folder" / "another name.jsonl"]
    first, second = (record(plan(), output) for output in outputs)

    assert first.path.read_bytes() == second.path.read_bytes()
    assert (first.state_digest, first.events, first.sessions) == (second.state_digest, second.events, 1)
    assert first.state.intents > 5


def test_another_seed_gives_other_events(tmp_path: Path) -> None:
    one, other = (record(plan(seed), tmp_path / f"{seed}.jsonl") for seed in (3, 4))

    assert one.path.read_bytes() != other.path.read_bytes()
    assert one.state.nonce != other.state.nonce


def test_recording_over_a_finished_file_replaces_it_by_the_new_one(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    record(plan(3), output)
    record(plan(4), output)
    record(plan(4), tmp_path / "fresh.jsonl")

    assert output.read_bytes() == (tmp_path / "fresh.jsonl").read_bytes()


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.zst"])
def test_a_finished_recording_replays_verifies_and_leaves_nothing_beside_it(suffix: str, tmp_path: Path) -> None:
    recorded = record(plan(), tmp_path / f"s{suffix}")

    replay = replay_file(recorded.path)
    assert replay.divergence is None
    assert replay.state_digest == recorded.state_digest
    assert verify(str(recorded.path), "").ok
    assert [path.name for path in tmp_path.iterdir()] == [recorded.path.name]


def test_an_unfinished_recording_goes_on_in_another_session(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    interrupt(output)
    assert [path.name for path in tmp_path.iterdir()] == ["s.jsonl.partial"]

    assert record(plan(), output).sessions == 2


OTHER_PLANS = {
    "seed": plan(seed=4),
    "settings": replace(plan(), trading=replace(TRADING, cycle_s=30)),
    "exchange": replace(plan(), exchange=ExchangeSettings(seed=3, cash=Decimal(5_000))),
    "market": plan(steps=50),
}


@pytest.mark.parametrize("other", OTHER_PLANS)
def test_an_unfinished_recording_of_another_plan_is_refused_in_one_line_and_left_alone(
    other: str, tmp_path: Path
) -> None:
    output = tmp_path / "s.jsonl"
    interrupt(output)
    before = contents(tmp_path)

    with pytest.raises(SimulationError, match="an unfinished recording was started") as refusal:
        record(OTHER_PLANS[other], output)

    assert "\n" not in str(refusal.value)
    assert str(output) in str(refusal.value)
    assert "remove" in str(refusal.value)
    assert contents(tmp_path) == before
    assert record(plan(), output).sessions == 2


def test_a_request_that_is_made_again_is_made_at_the_time_at_which_the_process_died(tmp_path: Path) -> None:
    """Between two messages of the market it is the bot's timers that tell the time."""
    strategy = replace(TRADING.strategies[0], trigger="cycle")
    by_cycle = replace(plan(), trading=replace(TRADING, cycle_s=15, strategies=(strategy,)))
    output = tmp_path / "s.jsonl"
    for call in range(2, 9):
        interrupt(output, call, by_cycle, "received")
        record(by_cycle, output)
        events = [msgspec.json.decode(line) for line in output.read_bytes().splitlines()[1:-1]]
        reports = [event for event in events if event["type"] in {"OrderAccepted", "OrderFilled"}]
        assert len(reports) > 4
        assert all(report["data"]["venue_at_ns"] == report["at_ns"] for report in reports)


def test_a_recording_of_another_name_is_not_in_the_way(tmp_path: Path) -> None:
    interrupt(tmp_path / "s.jsonl")

    assert record(plan(4), tmp_path / "t.jsonl").sessions == 1


class InterruptedAtTheEnd:
    """A log that ends the process when the session has stopped and all is durable."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    def save_snapshot(self, _snapshot: Snapshot) -> None:
        raise Interrupted


def test_a_recording_that_was_stopped_but_not_exported_is_only_exported(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    with pytest.raises(Interrupted):
        record(plan(), output, hooks=Hooks(log=InterruptedAtTheEnd))  # type: ignore[arg-type]
    assert not output.exists()

    recorded = record(plan(), output)

    assert recorded.sessions == 1
    assert output.read_bytes() == record(plan(), tmp_path / "t.jsonl").path.read_bytes()


def test_a_half_written_export_is_begun_anew(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    interrupt(output)
    (tmp_path / "s.jsonl.partial" / "s.jsonl").write_bytes(b'{"format":')

    recorded = record(plan(), output)

    assert verify(str(output), "").ok
    assert recorded.state_digest == replay_file(output).state_digest


def test_what_was_left_of_clearing_up_is_removed(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    interrupt(output)
    (tmp_path / "s.jsonl.partial").rename(tmp_path / "s.jsonl.partial.cleared")

    assert record(plan(), output).sessions == 1
    assert [path.name for path in tmp_path.iterdir()] == ["s.jsonl"]


def test_the_finished_file_is_moved_into_place_whole(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    output.write_bytes(b"an earlier recording")
    interrupt(output)
    assert output.read_bytes() == b"an earlier recording"

    before = output.stat().st_ino
    record(plan(), output)

    assert output.stat().st_ino != before
    assert verify(str(output), "").ok


@pytest.mark.parametrize("place", ["a file/s.jsonl", "s.jsonl", "folder"])
def test_a_place_that_cannot_be_written_is_one_clear_line(place: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(b"no folder")
    (tmp_path / "folder").mkdir()
    (tmp_path / "s.jsonl.partial").write_bytes(b"no folder")

    before = contents(tmp_path)

    with pytest.raises(SimulationError, match=r"is a folder: name a file|cannot be written") as refusal:
        record(plan(), tmp_path / place)

    assert "\n" not in str(refusal.value)
    assert str(tmp_path / place) in str(refusal.value)
    assert contents(tmp_path) == before


def test_a_symbol_that_the_settings_do_not_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "DOGE.csv"
    path.write_text("timestamp,open,high,low,close,volume\n1736150400,1,2,1,2,5\n1736150460,2,3,2,3,5\n", "ascii")

    with pytest.raises(MarketDataError, match="DOGE-PERP is not among the bot's"):
        plan_from_files(TRADING, ExchangeSettings(), {"DOGE-PERP": [open_market_file(path)]}, 1)


ENVIRONMENTS = {
    "plain": {},
    "hash seed": {"PYTHONHASHSEED": "12345"},
    "zone": {"TZ": "Pacific/Auckland"},
    "locale": {"LC_ALL": "C", "LANG": "tr_TR.UTF-8"},
}


def test_neither_hash_seed_nor_zone_locale_or_folder_changes_a_byte(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from perptape.replays.record import record; "
        "from tests.replays.test_record import plan; record(plan(), Path(sys.argv[1]))"
    )
    children = []
    for name, changes in ENVIRONMENTS.items():
        folder = tmp_path / name
        folder.mkdir()
        environment = {**os.environ, "PYTHONPATH": PATHS, "PYTHONHASHSEED": "0", **changes}
        children.append(subprocess.Popen([sys.executable, "-c", script, "s.jsonl"], cwd=folder, env=environment))
    assert [child.wait() for child in children] == [0] * len(ENVIRONMENTS)

    assert len({(tmp_path / name / "s.jsonl").read_bytes() for name in ENVIRONMENTS}) == 1
