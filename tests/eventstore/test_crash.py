"""A writer or a server that is killed at any moment loses nothing acknowledged and leaves nothing half-written."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, record
from tests.eventstore.places import Place
from tests.postgres.server import Installation, Server

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
def test_every_acknowledged_event_survives_kill_after_kill(in_place: EventStore, place: Place, group: int) -> None:
    for acknowledgements in (1, 2, 5, 17):
        before = in_place.head("bot").version

        acknowledged = killed_writer(place.url, group, acknowledgements)

        assert acknowledged >= before + group * acknowledgements
        assert_whole(in_place, before, acknowledged, group)


@pytest.mark.parametrize("group", [1, 400])
def test_every_acknowledged_event_survives_the_death_of_the_server(
    postgres_installation: Installation, group: int
) -> None:
    with postgres_installation.server().running() as server:
        with EventStore.open(server.url(), create=True) as store:
            store.create_stream("bot", NONCE, METADATA)
        acknowledged = 0
        for acknowledgements in (1, 3, 30):
            before = acknowledged

            acknowledged = writer_of_killed_server(server, group, acknowledgements)

            server.start()
            with EventStore.open(server.url()) as store:
                assert_whole(store, before, acknowledged, group)
                acknowledged = store.head("bot").version


def writer_of_killed_server(server: Server, group: int, acknowledgements: int) -> int:
    """Run a writer, kill its server after so many acknowledgements, and return the last version it acknowledged."""
    command = [sys.executable, "-m", "tests.eventstore.writer_process", server.url(), str(group)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline() for _ in range(acknowledgements)]
        server.kill()
        rest, problem = writer.communicate()
    assert "StoreLostError" in problem
    return max(int(line) for line in [*told, *rest.splitlines()])


def assert_whole(store: EventStore, before: int, acknowledged: int, group: int) -> None:
    # A server may finish the last append of a writer that is gone: everything here is as of the verification.
    verified = store.verify("bot")
    assert verified.ok
    assert verified.events >= acknowledged
    assert verified.events % group == 0
    assert [envelope.data for envelope in store.read("bot", before, verified.events)] == [
        record(version).data for version in range(before + 1, verified.events + 1)
    ]
