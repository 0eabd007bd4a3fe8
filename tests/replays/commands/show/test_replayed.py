"""A replay as people and programs read it."""

from pathlib import Path

import pytest

from perptape.replays.commands.show.replayed import as_json, as_text
from perptape.replays.proof.player import replay_file
from tests.replays.surgery import Tape

FIELDS = "file events observations decisions reproduced divergence state_digest seconds".split()


def first(tape: Tape, kind: str) -> int:
    return next(version for version in tape.decisions if tape.at(version)["type"] == kind)


def test_a_replay_that_holds_is_one_line(session: Tape, session_file: Path) -> None:
    text = as_text(replay_file(session_file))
    assert "\n" not in text
    decisions = len(session.decisions)
    assert text.startswith(f"{session_file}: {decisions} of {decisions} decisions reproduced from ")


def test_a_divergence_shows_where_what_which_fields_and_what_came_before(session: Tape, tmp_path: Path) -> None:
    version = first(session, "OrderRequested")
    path = session.changed(version, size="0.009").write(tmp_path / "s.jsonl")
    size = session.at(version)["data"]["size"]
    lines = as_text(replay_file(path)).splitlines()
    assert lines[:5] == [
        f"{path}: DIVERGED at version {version}: OrderRequested differs in data.size",
        "  in OrderRequested:",
        "    field      recorded → now",
        f'    data.size  "0.009" → "{size}"',
        "  before it:",
    ]
    before = lines[5:-1]
    assert [int(line.split()[0]) for line in before] == list(range(version - 6, version))
    cause = session.at(version)["cause"]
    observation = next(line for line in before if int(line.split()[0]) == cause)
    assert observation.split()[1] == session.at(cause)["type"]
    assert all(line.endswith(f"caused by {cause}") for line in before if int(line.split()[0]) > cause)
    reproduced = session.decisions.index(version)
    assert lines[-1].startswith(f"  reproduced before it: {reproduced} decisions; state ")


def test_another_type_is_shown_with_both_events(session: Tape, tmp_path: Path) -> None:
    version = first(session, "OrderRequested")
    signal = session.at(first(session, "SignalGenerated"))["data"]
    forged = session.forged(version, {**session.at(version), "type": "SignalGenerated", "data": signal})
    lines = as_text(replay_file(forged.write(tmp_path / "s.jsonl"))).splitlines()
    assert lines[1].startswith('  recorded: SignalGenerated {"strategy": ')
    assert lines[2].startswith('  now:      OrderRequested {"intent": 1, ')


def test_a_missing_and_an_extra_decision_show_the_one_there_is(session: Tape, tmp_path: Path) -> None:
    version = first(session, "OrderBlocked")
    lost = as_text(replay_file(session.without(version).write(tmp_path / "s.jsonl"))).splitlines()
    assert lost[1].startswith("  now: OrderBlocked {")
    doubled = session.with_inserted(version + 1, session.at(version))
    added = as_text(replay_file(doubled.write(tmp_path / "s.jsonl"))).splitlines()
    assert added[1].startswith("  recorded: OrderBlocked {")


def test_damage_is_called_damage_and_has_no_causes(short: Tape, tmp_path: Path) -> None:
    path = short._replace(trailer=b"").write(tmp_path / "s.jsonl")
    lines = as_text(replay_file(path)).splitlines()
    assert lines[0] == f"{path}: DAMAGED at version 81: the recording is truncated: its trailer is missing"
    assert len(lines) == 2


def test_every_divergence_gets_its_line_when_asked(session: Tape, tmp_path: Path) -> None:
    blocked = [version for version in session.decisions if session.at(version)["type"] == "OrderBlocked"][5:30:12]
    forged = session
    for version in blocked:
        forged = forged.changed(version, measured="4242")
    replay = replay_file(forged.write(tmp_path / "s.jsonl"), go_on=True)
    text = as_text(replay, listed=True)
    assert f"  all {len(blocked)} divergences:" in text
    for version in blocked:
        assert f"    version {version}: OrderBlocked differs in data.measured" in text
    assert "all 3 divergences" not in as_text(replay)


def test_programs_get_the_fields_that_are_promised(session_file: Path) -> None:
    data = as_json(replay_file(session_file))
    assert list(data) == FIELDS
    assert data["divergence"] is None


def test_programs_get_the_divergence_as_an_object(short: Tape, tmp_path: Path) -> None:
    version = first(short, "OrderRequested")
    data = as_json(replay_file(short.changed(version, size="0.009").write(tmp_path / "s.jsonl")))
    divergence = data["divergence"]
    assert list(divergence) == ["version", "kind", "reason", "recorded", "replayed", "fields"]
    assert (divergence["version"], divergence["fields"]) == (version, ["data.size"])
    assert divergence["recorded"]["data"] == {**divergence["replayed"]["data"], "size": "0.009"}


def test_programs_that_ask_for_all_get_all(session: Tape, tmp_path: Path) -> None:
    blocked = [version for version in session.decisions if session.at(version)["type"] == "OrderBlocked"][5:30:12]
    forged = session
    for version in blocked:
        forged = forged.changed(version, measured="4242")
    data = as_json(replay_file(forged.write(tmp_path / "s.jsonl"), go_on=True), listed=True)
    assert list(data) == [*FIELDS, "divergences"]
    assert [each["version"] for each in data["divergences"]] == blocked
    assert data["divergences"][0] == data["divergence"]


@pytest.mark.parametrize("broken", [b"", b"{}\n"])
def test_a_file_that_is_gone_by_then_only_loses_the_causes(short: Tape, broken: bytes, tmp_path: Path) -> None:
    path = short.changed(first(short, "OrderRequested"), size="0.009").write(tmp_path / "s.jsonl")
    replay = replay_file(path)
    path.write_bytes(broken)
    assert "before it:\n" not in as_text(replay)
