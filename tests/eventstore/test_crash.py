"""A writer that is killed at any moment loses nothing that it acknowledged and leaves nothing half-written."""

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
        for _ in range(acknowledgements):
            assert writer.stdout.readline().endswith("\n")
        writer.kill()
        told = [line for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    assert writer.returncode == -9
    with EventStore.open(url) as store:
        return int(told[-1]) if told else min(store.head("bot").version, group * acknowledgements)


@pytest.mark.parametrize("group", [1, 7, 400])
def test_every_acknowledged_event_survives_kill_after_kill(on_disk: EventStore, url: str, group: int) -> None:
    for acknowledgements in (1, 2, 5, 17):
        before = on_disk.head("bot").version

        acknowledged = killed_writer(url, group, acknowledgements)

        head = on_disk.head("bot")
        assert head.version >= max(acknowledged, before + group * acknowledgements)
        assert head.version % group == 0
        assert on_disk.verify("bot").events == head.version
        assert [envelope.data for envelope in on_disk.read("bot", before)] == [
            record(version).data for version in range(before + 1, head.version + 1)
        ]
