"""A bot process that a drill attacks: started, listened to, signalled, and looked at when it is gone."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from perptape.core.codec import decode_data
from perptape.eventstore.store import EventStore
from perptape.replays.evidence.expectation import UnmetError
from perptape.replays.scenarios.drills.bot_process import STREAM, store_url
from perptape.replays.upkeep.transfer import export_stream

PATIENCE_S = 60
"""Far more than any of it takes, for machines that are busy."""
Health = dict[str, Any]


class BotUnderAttack:
    """One process, and the folder where it lives."""

    def __init__(self, folder: Path, *tasks: str, **options: Any) -> None:
        self.folder = folder
        self.heard: list[Health] = []
        """What it said of itself so far."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "perptape.replays.scenarios.drills.bot_process", str(folder), *tasks],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def until(self, enough: Callable[[Health], bool]) -> Health:
        """Listen until it says so. Raises UnmetError when it ends before."""
        stdout = self.process.stdout
        for line in stdout or ():
            self.heard.append(json.loads(line))
            if enough(self.heard[-1]):
                return self.heard[-1]
        raise UnmetError(f"the process ended too early: {self.process.communicate()[1]}")

    def reaches(self, version: int) -> Health:
        """Listen until its tape is so long."""
        return self.until(lambda health: health["version"] >= version)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> "Ended":
        """Send a signal and wait for the end."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.end(began)

    def end(self, began: float | None = None) -> "Ended":
        """Wait for the end. Raises UnmetError when it does not come."""
        try:
            _, said = self.process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            self.process.kill()
            self.process.communicate()
            raise UnmetError(f"the process did not end within {PATIENCE_S} s") from error
        took = time.monotonic() - began if began is not None else 0.0
        return Ended(self.process.returncode, said, took)


class Ended:
    """How a process ended."""

    def __init__(self, status: int, said: str, seconds: float) -> None:
        self.status = status
        self.said = said
        """On standard error."""
        self.seconds = seconds
        """From the signal to the end."""


def events(folder: Path) -> list[Any]:
    """The durable events of the folder's tape."""
    with EventStore.open(store_url(folder)) as store:
        return [decode_data(line.type, line.schema, line.data) for line in store.read(STREAM)]


def recording(folder: Path) -> Path:
    """The folder's tape as a recording."""
    path = folder / f"{STREAM}.jsonl"
    with EventStore.open(store_url(folder)) as store:
        export_stream(store, STREAM, path)
    return path


def health(folder: Path) -> Health:
    """What the process left in its health file."""
    health: Health = json.loads((folder / "health.json").read_bytes())
    return health
