"""A bot in a process of its own: stopped by a signal, and with a task that crashes (S06, S07, S15, S18)."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from perptape.core.codec import decode_data
from perptape.core.events import AlertRaised, QuoteUpdated, SessionStarted, SessionStopped, TaskCrashed
from perptape.eventstore.store import EventStore
from perptape.replays.proof.player import replay_stream
from perptape.replays.proof.verify import verify
from perptape.replays.scenarios.drills.bot_process import STREAM, main, store_url

PATIENCE_S = 60
"""Far more than it takes, for machines that are busy."""
Health = dict[str, Any]


class Child:
    """The process, and the folder where it lives."""

    def __init__(self, folder: Path, *tasks: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "perptape.replays.scenarios.drills.bot_process", str(folder), *tasks],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def until(self, enough: Callable[[Health], bool]) -> None:
        """Listen to the process until it says so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if enough(json.loads(line)):
                return
        raise AssertionError(self.process.communicate()[1])

    def stops(self, number: signal.Signals) -> tuple[int, str]:
        """Exit status and what was said on stderr."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, said

    def health(self) -> Health:
        """What it left in the health file."""
        told: Health = json.loads((self.folder / "health.json").read_bytes())
        return told

    def events(self) -> list[Any]:
        """What is durable."""
        with EventStore.open(store_url(self.folder)) as store:
            return [decode_data(line.type, line.schema, line.data) for line in store.read(STREAM)]

    def of(self, kind: type[Any]) -> list[Any]:
        """The durable events of a type."""
        return [event for event in self.events() if isinstance(event, kind)]

    def is_proved(self) -> bool:
        """Whether the tape is whole, and today's code decides what was decided."""
        replay = replay_stream(STREAM, store_url(self.folder))
        return replay.divergence is None and replay.decisions > 0 and verify(STREAM, store_url(self.folder)).ok


def versions(least: int) -> Callable[[Health], bool]:
    """The tape is so long."""
    return lambda told: told["version"] >= least


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_session_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    child = Child(tmp_path)
    child.until(versions(100))
    assert child.stops(number) == (0, "")
    events, told = child.events(), child.health()
    assert events[-2] == SessionStopped(session=1, reason=number.name)
    assert (told["version"], told["stopped"]) == (len(events), number.name)
    assert events[0].tasks == ("feed", "timers", "flush", "clock", "inbox", "lease", "health", "tell")
    assert all(task["ended"] and task["runs"] for task in told["tasks"].values())
    assert child.is_proved()


def test_a_task_that_crashes_is_restarted_and_alerts_the_second_time_while_the_bot_goes_on(tmp_path: Path) -> None:
    child = Child(tmp_path, "crashing")
    child.until(lambda told: told["tasks"]["crashing"]["runs"] == 3)
    status, said = child.stops(signal.SIGTERM)
    assert status == 0
    assert said.count("in work\n") == said.count("RuntimeError: crashes by script") == 2
    assert [(crash.task, crash.error, crash.crashes) for crash in child.of(TaskCrashed)] == [
        ("crashing", "RuntimeError: crashes by script, 1 to come", 1),
        ("crashing", "RuntimeError: crashes by script, 0 to come", 2),
    ]
    [alert] = [alert for alert in child.of(AlertRaised) if alert.topic == "task_crashing"]
    assert alert.severity == "warning"
    kinds = [type(event) for event in child.events()]
    assert QuoteUpdated in kinds[kinds.index(TaskCrashed) :]
    assert kinds[-2] is SessionStopped
    assert child.is_proved()


def test_a_task_that_ignores_its_cancellation_does_not_keep_the_process(tmp_path: Path) -> None:
    child = Child(tmp_path, "stubborn")
    child.until(versions(20))
    status, said = child.stops(signal.SIGTERM)
    assert status == 0
    assert "background task stubborn ignored its cancellation" in said
    assert child.of(SessionStopped) == [SessionStopped(session=1, reason="SIGTERM")]


def test_the_next_process_goes_on_where_a_killed_one_was(tmp_path: Path) -> None:
    first = Child(tmp_path)
    first.until(versions(100))
    first.stops(signal.SIGKILL)
    durable = len(first.events())
    second = Child(tmp_path)
    second.until(versions(durable + 100))
    assert second.stops(signal.SIGTERM) == (0, "")
    assert [event.session for event in second.of(SessionStarted)] == [1, 2]
    numbers = [quote.seq for quote in second.of(QuoteUpdated)]
    assert all(earlier < later for earlier, later in pairwise(numbers))
    assert second.is_proved()


def test_a_second_process_on_the_same_stream_is_refused_and_the_first_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    child = Child(tmp_path)
    child.until(versions(20))
    assert main(tmp_path) == 2
    said = capsys.readouterr().err
    assert said.startswith("perptape: ")
    assert f"pid {child.process.pid}" in said
    child.until(versions(100))
    assert child.stops(signal.SIGTERM) == (0, "")
