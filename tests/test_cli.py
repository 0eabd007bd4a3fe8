"""The command line: what each command prints, the status it exits with, and one line for what it could not do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perptape import cli
from perptape.replays.record import record
from tests.house.layout import ROOT
from tests.replays.command import perptape
from tests.replays.session import plan
from tests.replays.surgery import Tape

COMMANDS = [
    *(["demo"], ["record"], ["replay"], ["rebuild"], ["verify"], ["config", "check"], ["config", "show"]),
    *(["store", part] for part in ("init", "upgrade", "check", "streams", "export", "import")),
    *(["doctor"], ["bench"], ["schema"]),
]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(plan(steps=15), tmp_path_factory.mktemp("cli") / "s.jsonl").path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    empty = tmp_path / "here"
    empty.mkdir()
    monkeypatch.chdir(empty)
    return empty


# Usage.


@pytest.mark.parametrize("command", [[], ["store"], ["config"], *COMMANDS], ids=" ".join)
def test_every_command_has_its_help(command: list[str]) -> None:
    answer = perptape(*command, "--help")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith("Usage: ")


def test_without_arguments_the_commands_are_listed() -> None:
    answer = perptape()
    assert (answer.status, answer.err) == (0, "")
    for command in COMMANDS:
        assert f"\n  {command[0]}" in answer.out


def test_the_version_is_answered_before_anything_is_imported() -> None:
    script = "import sys; sys.argv = ['perptape', '--version']; import perptape.cli; perptape.cli.main()"
    started = [sys.executable, "-X", "importtime", "-c", script]
    done = subprocess.run(started, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "80"})
    assert done.stdout == f"perptape {cli.VERSION}\n"
    assert "typer" not in done.stderr
    assert "msgspec" not in done.stderr


def test_a_terminal_without_arrows_gets_their_numbers() -> None:
    code = "from perptape import cli; import sys; sys.argv[1:] = ['scenarios', 'list', 'T01']; cli.main()"
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.startswith(b"T01 signal_to_position  strategy says BUY \\u2192 order")
    assert done.stderr == b""


def test_the_version_is_the_installed_one() -> None:
    from importlib.metadata import version  # noqa: PLC0415

    assert perptape("--version").out == f"perptape {version('perptape')}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--surplus"],
        ["nonsense"],
        ["store"],
        ["config"],
        ["store", "nonsense"],
        ["replay"],
        ["replay", "--surplus", "s.jsonl"],
        ["replay", "--jobs", "0", "s.jsonl"],
        ["replay", "--jobs", "many", "s.jsonl"],
        ["rebuild"],
        ["rebuild", "s.jsonl", "--at"],
        ["verify"],
        ["verify", "a", "b"],
        ["record"],
        ["record", "--market", "m.csv"],
        ["store", "export", "bot"],
        ["store", "import"],
        ["schema", "nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_one_line_and_status_2(arguments: list[str], folder: Path) -> None:
    assert perptape(*arguments).complaint
    assert list(folder.iterdir()) == []


def test_an_interrupt_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_url: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("perptape.replays.commands.doctor.examine", interrupted)
    assert perptape("doctor").complaint == "interrupted; everything already stored is kept"


# replay.


def test_replay_prints_a_list_of_results(recording: Path) -> None:
    answer = perptape("replay", "--json", recording, recording)
    assert (answer.status, answer.err) == (0, "")
    assert [each["file"] for each in answer.data] == [str(recording)] * 2
    for each in answer.data:
        assert set(each) == set("file events observations decisions reproduced divergence state_digest seconds".split())
        assert each["divergence"] is None
        assert each["reproduced"] == each["decisions"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_all_files_are_replayed_and_2_beats_1(recording: Path, folder: Path, jobs: str) -> None:
    tape = Tape.read(recording)
    order = next(version for version in tape.decisions if tape.at(version)["type"] == "OrderRequested")
    tape.changed(order, size="0.009").write(folder / "forged.jsonl")
    tape._replace(trailer=b"").write(folder / "cut.jsonl")
    files = [str(recording), "none.jsonl", "forged.jsonl", "cut.jsonl", str(recording)]
    answer = perptape("replay", "--json", "--jobs", jobs, *files)
    assert answer.status == 2
    assert [Path(each["file"]).name for each in answer.data] == ["s.jsonl", "forged.jsonl", "cut.jsonl", "s.jsonl"]
    kinds = [each["divergence"] and each["divergence"]["kind"] for each in answer.data]
    assert kinds == [None, "different", "damage", None]
    assert answer.err == "perptape: none.jsonl: cannot be opened: No such file or directory\n"


def test_a_divergence_alone_exits_with_1(recording: Path, folder: Path) -> None:
    tape = Tape.read(recording)
    order = next(version for version in tape.decisions if tape.at(version)["type"] == "OrderRequested")
    tape.changed(order, size="0.009").write(folder / "forged.jsonl")
    answer = perptape("replay", recording, "forged.jsonl")
    assert (answer.status, answer.err) == (1, "")
    assert f"forged.jsonl: DIVERGED at version {order}: OrderRequested differs in data.size" in answer.out


def test_replay_in_words(recording: Path, folder: Path) -> None:
    Tape.read(recording)._replace(trailer=b"").write(folder / "cut.jsonl")
    answer = perptape("replay", recording, "cut.jsonl", "--all")
    assert answer.status == 1
    first, second, *_ = answer.out.splitlines()
    assert "decisions reproduced" in first
    assert second.startswith("cut.jsonl: DAMAGED at version 81: ")


# rebuild and verify.


def test_rebuild_prints_the_state(recording: Path) -> None:
    answer = perptape("rebuild", recording)
    assert (answer.status, answer.err) == (0, "")
    assert set(answer.data) == {"version", "state_digest", "state"}
    assert answer.data["state"]["version"] == answer.data["version"] == 80
    compact = perptape("rebuild", recording, "--json")
    assert compact.data == answer.data
    assert len(compact.out.splitlines()) == 1
    assert perptape("rebuild", recording, "--at", "40").data["version"] == 40
    assert perptape("rebuild", recording, "--at", "2025-01-06T07:50:30Z").data["version"] < 79


@pytest.mark.parametrize("at", ["81", "0", "-1", "soon", "2025-01-06T07:50:30", "2020-01-01T00:00:00Z", "9" * 5000])
def test_rebuild_at_an_impossible_moment_is_one_line(recording: Path, at: str) -> None:
    assert len(perptape("rebuild", recording, "--at", at).complaint) < 400


def test_rebuild_of_a_damaged_recording_exits_with_1(recording: Path, folder: Path) -> None:
    Tape.read(recording)._replace(trailer=b"").write(folder / "cut.jsonl")
    answer = perptape("rebuild", "cut.jsonl")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == (
        "perptape: cut.jsonl: damage at version 81: the recording is truncated: its trailer is missing\n"
    )


def test_verify_prints_the_proof(recording: Path, folder: Path) -> None:
    answer = perptape("verify", "--json", recording)
    assert (answer.status, answer.err) == (0, "")
    assert {"ok", "events", "state_digest", "cold", "warm", "first_bad"} <= set(answer.data)
    assert answer.data["ok"]
    assert len(answer.data["warm"]) >= 3
    assert {tuple(warm) for warm in answer.data["warm"]} == {("snapshot_version", "state_digest")}
    assert perptape("verify", recording).out.startswith(f"{recording}: 80 events, hash chain intact, no gaps")
    Tape.read(recording)._replace(trailer=b"").write(folder / "cut.jsonl")
    damaged = perptape("verify", "--json", "cut.jsonl")
    assert (damaged.status, damaged.err, damaged.data["ok"]) == (1, "", False)
    assert damaged.data["first_bad"] == {"version": 81, "reason": "the recording is truncated: its trailer is missing"}


@pytest.mark.parametrize("command", ["rebuild", "verify"])
def test_a_stream_needs_its_store(command: str) -> None:
    assert "perptape store init" in perptape(command, "bot").complaint


# The store.


def test_a_recording_makes_the_round_through_the_store(recording: Path, folder: Path) -> None:
    store = "sqlite:///tapes.sqlite"
    assert perptape("store", "init", "--store", store).out == f"{store}: ready\n"
    assert perptape("store", "streams", "--store", store).out == "no streams\n"
    imported = perptape("store", "import", recording, "--store", store, "--json")
    assert set(imported.data) == {"stream", "file", "events", "last_hash"}
    [stream] = perptape("store", "streams", "--store", store, "--json").data
    assert stream == {"stream": "bot", "version": 80, "last_hash": imported.data["last_hash"]}
    assert perptape("store", "export", "bot", "-o", "out.jsonl", "--store", store).status == 0
    assert (folder / "out.jsonl").read_bytes() == recording.read_bytes()
    assert perptape("verify", "bot", "--store", store, "--json").data["ok"]
    assert perptape("rebuild", "bot", "--store", store).data == perptape("rebuild", recording).data
    assert perptape("store", "import", recording, "--store", store).complaint.endswith("nothing was imported")
    assert perptape("store", "export", "nobody", "-o", "x.jsonl", "--store", store).complaint
    assert perptape("store", "upgrade", "--store", store).status == 0
    checked = perptape("store", "check", "--store", store, "--json")
    assert (checked.status, checked.data["ok"], checked.data["guards"]) == (0, True, None)
    [stream] = checked.data["streams"]
    expected = {"stream": "bot", "events": 80, "first_bad": None, "snapshots": 0, "set_aside": 0}
    assert {name: stream[name] for name in expected} == expected


def test_a_damaged_recording_is_not_imported(recording: Path, folder: Path) -> None:
    Tape.read(recording)._replace(trailer=b"").write(folder / "cut.jsonl")
    answer = perptape("store", "import", "cut.jsonl")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("perptape: cut.jsonl: damage at version 81: ")
    assert answer.err.endswith("; nothing was imported\n")
    assert perptape("store", "streams", "--json").data == []


@pytest.mark.parametrize("command", [["check"], ["streams"], ["upgrade"], ["export", "bot", "-o", "x.jsonl"]])
def test_a_store_that_is_not_there_is_one_line(command: list[str], folder: Path) -> None:
    assert "perptape store init" in perptape("store", *command).complaint
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/db", "sqlite:////proc/none/x.sqlite"])
def test_a_store_that_cannot_be_is_one_line(url: str) -> None:
    assert perptape("store", "init", "--store", url).complaint


# The rest.


@pytest.mark.parametrize("part", ["events", "configuration"])
def test_schemas_are_json_schemas(part: str) -> None:
    answer = perptape("schema", part)
    assert answer.status == 0
    assert answer.data["$schema"].startswith("https://json-schema.org/")


def test_doctor_finds_the_installation_well() -> None:
    answer = perptape("doctor", "--json")
    assert {finding["name"] for finding in answer.data["findings"]} >= {"python", "sqlite", "store", "behaviour"}
    assert (answer.status == 0) is answer.data["ok"]
    assert "python" in perptape("doctor").out


def test_the_installed_command_answers_like_the_function(recording: Path) -> None:
    command = [sys.executable, "-c", "from perptape import cli; cli.main()", "replay", "--json", str(recording)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    [theirs], [ours] = json.loads(done.stdout), perptape("replay", "--json", recording).data
    assert (done.returncode, done.stderr) == (0, "")
    assert {**theirs, "seconds": 0} == {**ours, "seconds": 0}


def test_a_reader_that_leaves_early_causes_no_traceback(recording: Path) -> None:
    command = f"'{sys.executable}' -c 'from perptape import cli; cli.main()' rebuild '{recording}' | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{", "")
