"""A writer that is killed at any moment loses nothing that it acknowledged and leaves nothing half-written."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from eventstore.store import EventStore
from tests.eventstore.given import record

ROOT = Path(__file__).parents[2]


def killed_writer(url: str, group: int, acknowledgements: int) -> int:
    """Run a writer, kill it after so many acknowledgements, and return the last version it acknowledged."""
    command = [sys.executable, "-m", "tests.eventstore.writer_process", url, str(group)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline() for _ in range(acknowledgements)]
        writer.kill()
        told += writer.stdout.readlines()
    assert writer.returncode == -signal.SIGKILL
    return max(int(line) for line in told if line.endswith("\n"))


@pytest.mark.parametrize("group", [1, 7, 400])
def test_every_acknowledged_event_survives_kill_after_kill(on_disk: EventStore, url: str, group: int) -> None:
    for acknowledgements in (1, 2, 5, 17):
        before = on_disk.head("bot").version

        acknowledged = killed_writer(url, group, acknowledgements)

        head = on_disk.head("bot")
        assert head.version >= acknowledged >= before + group * acknowledgements
        assert head.version % group == 0
        assert on_disk.verify("bot").events == head.version
        assert [envelope.data for envelope in on_disk.read("bot", before)] == [
            record(version).data for version in range(before + 1, head.version + 1)
        ]
