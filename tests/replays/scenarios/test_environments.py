"""Played anywhere, a replayed row gives the same event lines and the same golden: no environment, no database shows.

The goldens hold state digests on the way and at the end. The check plays a drawn sample in each environment and each
database; `-m sweep` plays every row. Other Pythons: `make pythons`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from perptape.eventstore.store import EventStore
from perptape.replays.golden.names import golden_of
from perptape.replays.proof.verify import verify
from perptape.replays.record import STREAM
from perptape.replays.scenarios import Scenario, play
from perptape.replays.scenarios.catalogue import scenarios
from perptape.replays.scenarios.proving.discovery import recording_of
from perptape.replays.upkeep.transfer import export_stream
from tests.house.layout import PATHS
from tests.postgres.databases import Databases

SCRIPT = """
import sys
from perptape import cli

for arguments in (["scenarios", "record", *sys.argv[1:], "-o", "here"], ["golden", "accept", "here"]):
    sys.argv = ["perptape", *arguments]
    try:
        cli.main()
    except SystemExit as leaving:
        if leaving.code:
            raise
"""

NO_UTF8 = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ENVIRONMENTS: dict[str, tuple[Sequence[str], dict[str, str]]] = {
    "plain": ((), {"PYTHONHASHSEED": "0", "TZ": "UTC"}),
    "another hash seed, far east": ((), {"PYTHONHASHSEED": "1", "TZ": "Pacific/Chatham"}),
    "a third hash seed, far west, C locale without UTF-8": (
        (),
        {
            "PYTHONHASHSEED": "4242",
            "TZ": "America/St_Johns",
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        },
    ),
    "optimised, other locales, daylight saving": (
        ("-OO",),
        {"PYTHONHASHSEED": "77", "TZ": "Europe/London", "LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8"},
    ),
    "development mode, a locale of one byte": (
        ("-X", "dev"),
        {
            "PYTHONHASHSEED": "random",
            "TZ": "Asia/Kathmandu",
            "LC_ALL": "fr_FR.ISO-8859-1",
            "PYTHONIOENCODING": "latin-1",
        },
    ),
}
SAMPLE = 8
"""How many rows the check plays in each place."""


def sample(place: str) -> list[Scenario]:
    """The rows for a place: each place has its own, and always the same."""
    return Random(place).sample(scenarios(), SAMPLE)


def event_lines(recording: Path) -> list[bytes]:
    """A recording without header and trailer; the last hash in it stands for all of them."""
    return recording.read_bytes().splitlines(keepends=True)[1:-1]


def golden(recording: Path) -> Any:
    """What a recording came to, digests and all, but for which code wrote the golden."""
    said = json.loads(golden_of(recording).read_bytes())
    del said["tape"]["release"], said["tape"]["behaviour"]
    return said


def different(rows: Iterable[Scenario], folder: Path) -> list[str]:
    """The rows whose recording or golden in `folder` is not the committed one."""
    found = []
    for row in rows:
        kept = recording_of(row)
        fresh = folder / row.section / kept.name
        if event_lines(fresh) != event_lines(kept) or golden(fresh) != golden(kept):
            found.append(row.id)
    return found


def play_in(place: str, rows: Sequence[Scenario], folder: Path) -> Path:
    """Record and accept the rows in a process of the environment; gives the folder that it made."""
    options, environment = ENVIRONMENTS[place]
    clean = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("LC_", "PYTHON")) and key not in ("TZ", "LANG")
    }
    subprocess.run(
        [sys.executable, *options, "-c", SCRIPT, *(row.id for row in rows)],
        cwd=folder,
        env={**clean, "PYTHONPATH": PATHS, **environment},
        capture_output=True,
        check=True,
    )
    return folder / "here"


@pytest.mark.parametrize("place", ENVIRONMENTS)
def test_a_sample_comes_out_the_same_in_another_environment(place: str, tmp_path: Path) -> None:
    rows = sample(place)
    assert different(rows, play_in(place, rows, tmp_path)) == []


@pytest.mark.sweep
@pytest.mark.parametrize("place", ENVIRONMENTS)
def test_every_row_comes_out_the_same_in_another_environment(place: str, tmp_path: Path) -> None:
    rows = scenarios()
    assert different(rows, play_in(place, rows, tmp_path)) == []


def test_a_row_that_comes_out_otherwise_is_found(tmp_path: Path) -> None:
    rows = sample("plain")[:3]
    folder = play_in("plain", rows, tmp_path)
    one, other, _ = (folder / row.section / recording_of(row).name for row in rows)
    one.write_bytes(one.read_bytes().replace(b'"at_ns":1', b'"at_ns":2', 1))
    said = json.loads(golden_of(other).read_bytes())
    said["account"]["cash"] = "1"
    golden_of(other).write_text(json.dumps(said))
    assert different(rows, folder) == [rows[0].id, rows[1].id]


def on_store(row: Scenario, url: str, folder: Path) -> None:
    """Play a row on the store at a URL: what is exported is the committed recording, and the state is the golden's."""
    exported = folder / f"{row.id}.jsonl"
    with EventStore.open(url, create=True) as store:
        play(row, store=store)
        export_stream(store, STREAM, exported)
    kept = recording_of(row)
    assert event_lines(exported) == event_lines(kept)
    verified = verify(STREAM, url)
    assert verified.ok
    assert verified.state_digest == list(golden(kept)["states"].values())[-1]


@pytest.mark.parametrize("row", sample("sqlite"), ids=lambda row: row.title)
def test_a_sample_comes_out_the_same_on_sqlite(row: Scenario, tmp_path: Path) -> None:
    on_store(row, f"sqlite:///{tmp_path / 'tape.sqlite'}", tmp_path)


@pytest.mark.parametrize("row", sample("postgres"), ids=lambda row: row.title)
def test_a_sample_comes_out_the_same_on_postgres(row: Scenario, postgres_store_url: str, tmp_path: Path) -> None:
    on_store(row, postgres_store_url, tmp_path)


@pytest.mark.sweep
@pytest.mark.parametrize("row", scenarios(), ids=lambda row: row.title)
def test_every_row_comes_out_the_same_on_both_databases(
    row: Scenario, postgres_databases: Databases, tmp_path: Path
) -> None:
    on_store(row, f"sqlite:///{tmp_path / 'tape.sqlite'}", tmp_path)
    with postgres_databases.store() as url:
        on_store(row, url, tmp_path)
