"""What pins a tape to the bot that wrote it: the settings in its header, and the running bot's digests of its state."""

import json
from pathlib import Path
from typing import Any

import pytest

from perptape.replays.proof.player import replay_file
from perptape.replays.proof.verify import verify
from perptape.replays.scenarios import BTC, canary, market, play, prices
from perptape.replays.tape.decompression import whole_content
from tests.core.puppet import puppet
from tests.releases.leave import FOLDER
from tests.replays.scenarios.small import small
from tests.replays.surgery import Tape


def header_of(tape: Tape) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tape.header)
    return found


def test_settings_of_the_header_that_were_changed_are_damage(short: Tape, tmp_path: Path) -> None:
    header = header_of(short)
    trading = {**header["trading"], "cycle_s": 61}
    changed = short.reheaded(trading=trading, previous_hash=header["previous_hash"]).write(tmp_path / "s.jsonl")
    found = verify(str(changed), "").first_bad
    assert found is not None
    assert (found.version, "settings" in found.reason) == (0, True)


def test_settings_that_the_tape_does_not_begin_with_are_damage_in_the_first_form_too(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    path.write_bytes(whole_content(FOLDER / "0.1.0" / "eventful.jsonl.zst"))
    old = Tape.read(path)
    assert verify(str(path), "").ok
    changed = old.reheaded(trading={**header_of(old)["trading"], "cycle_s": 61}).write(tmp_path / "s.jsonl")
    for divergence in (verify(str(changed), "").first_bad, replay_file(changed).divergence):
        assert divergence is not None
        assert (divergence.version, "settings" in divergence.reason) == (0, True)


@pytest.fixture
def leaking(tmp_path: Path) -> Path:
    """A recording of a bot whose strategy changes its memory in `signals`, which it must not."""
    path = market(prices(BTC, {0: 50_000, 30: 50_000, 60: 50_100, 120: 50_100}))
    played = play(small(trading=canary(puppet(leak=50_100)), market=path))
    played.write(tmp_path / "s.jsonl")
    return tmp_path / "s.jsonl"


def test_a_strategy_that_changes_its_memory_in_signals_is_found(leaking: Path) -> None:
    found = verify(str(leaking), "").first_bad
    assert found is not None
    assert "memory differs" in found.reason


def test_digests_of_another_state_schema_are_not_compared(short: Tape, tmp_path: Path) -> None:
    last = short.decisions[-1]
    assert short.at(last)["type"] == "StateDigestRecorded"
    altered = short.changed(last, digest="0" * 64)
    assert not verify(str(altered.write(tmp_path / "a.jsonl")), "").ok
    assert replay_file(tmp_path / "a.jsonl").divergence is not None
    other = altered.changed(last, state_schema="1-00000000").write(tmp_path / "s.jsonl")
    assert verify(str(other), "").ok
    replay = replay_file(other)
    assert (replay.divergence, replay.reproduced) == (None, len(short.decisions))
