"""Two processes never record onto the same tape: the second is refused at once, and the first does not notice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from perptape.core.config import strategy_sources
from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.core.edge.simulation.exchange.simulated import Stage
from perptape.core.edge.storage.log import LEASE_S
from perptape.eventstore.errors import LeaseHeldError
from perptape.eventstore.store import EventStore
from perptape.replays.commands.config import load_settings
from perptape.replays.commands.market_files import open_by_symbol
from perptape.replays.record import JOURNAL, STREAM, TAPE, Hooks, Plan, plan_from_files, record
from tests.house.layout import PATHS, ROOT
from tests.replays.session import plan


class StoppedHere(Exception):
    """The process ends here."""


@pytest.fixture
def market(tmp_path: Path) -> Path:
    path = tmp_path / "BTC-PERP.csv"
    bars = [f"{1_736_150_400 + 60 * n},50000,{50100 + n},49900,50000,5" for n in range(30)]
    path.write_text("\n".join(["timestamp,open,high,low,close,volume", *bars, ""]), "ascii")
    return path


def as_the_command_plans(market: Path) -> Plan:
    configuration = load_settings(None)
    files = open_by_symbol([f"BTC-PERP={market}"], None, None)
    sources = strategy_sources(configuration.trading, configuration.folder)
    return plan_from_files(configuration.trading, configuration.section(ExchangeSettings), files, 1, sources)


def in_another_process(market: Path, output: Path) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-c",
        "from perptape import cli; cli.main()",
        "record",
        "--market",
        f"BTC-PERP={market}",
        "-o",
        str(output),
    ]
    environment = {**os.environ, "PYTHONPATH": PATHS}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_second_command_on_the_same_file_is_refused_while_the_first_runs(market: Path, tmp_path: Path) -> None:
    output, alone = tmp_path / "s.jsonl", tmp_path / "alone.jsonl"
    record(as_the_command_plans(market), alone)
    answers: list[subprocess.CompletedProcess[str]] = []

    def stage(_reached: Stage) -> None:
        if not answers:
            answers.append(in_another_process(market, output))

    record(as_the_command_plans(market), output, hooks=Hooks(stage=stage))

    [second] = answers
    assert (second.returncode, second.stdout) == (2, "")
    [line] = second.stderr.splitlines()
    assert line.startswith("perptape: stream 'bot' has been held by perptape record, host ")
    assert f"pid {os.getpid()} (started" in line
    assert " since 20" in line
    assert output.read_bytes() == alone.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"s.jsonl", "alone.jsonl", market.name}


def unfinished(output: Path, holder: str) -> None:
    """A recording that a process of this name has begun and has not let go of."""

    def stage(reached: Stage) -> None:
        if reached == "answered":
            raise StoppedHere

    with pytest.raises(StoppedHere):
        record(plan(steps=15), output, hooks=Hooks(stage=stage))
    with EventStore.open(f"sqlite:///{output}.partial/{TAPE}") as store:
        assert store.lease(STREAM) is None
        store.acquire(STREAM, holder, LEASE_S)


def test_a_recording_of_a_process_that_may_run_elsewhere_is_left_alone(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    unfinished(output, "perptape record, host elsewhere, pid 1")
    journal = Path(f"{output}.partial") / JOURNAL
    before = journal.read_bytes()

    with pytest.raises(LeaseHeldError, match="held by perptape record, host elsewhere, pid 1 since"):
        record(plan(steps=15), output)

    assert journal.read_bytes() == before
    assert not output.exists()


def test_a_recording_is_taken_over_from_whom_the_caller_knows_to_be_gone(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    unfinished(output, "perptape record, host elsewhere, pid 1")

    assert record(plan(steps=15), output, take_over=True).sessions == 2
    assert output.exists()


def test_a_recording_is_taken_over_at_once_from_a_process_that_was_killed(tmp_path: Path) -> None:
    output = tmp_path / "s.jsonl"
    program = (
        "import os, signal, sys; from pathlib import Path; from perptape.replays.record import Hooks, record; "
        "from tests.replays.session import plan; "
        "record(plan(steps=15), Path(sys.argv[1]), hooks=Hooks(stage=lambda _: os.kill(os.getpid(), signal.SIGKILL)))"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(output)], cwd=ROOT, check=False)
    assert killed.returncode < 0
    with EventStore.open(f"sqlite:///{output}.partial/{TAPE}") as store:
        lease = store.lease(STREAM)
    assert lease is not None

    record(plan(steps=15), output)

    assert output.exists()
