"""Sentences are not recorded: rewording all of them changes no replay and no golden."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from perptape.core import wording
from perptape.core.codec import decode_line
from perptape.core.events import AlertRaised, OrderBlocked
from perptape.core.events.reason import Reason
from perptape.replays.golden.check import check
from perptape.replays.proof.player import replay_file
from perptape.replays.scenarios.catalogue import scenarios
from perptape.replays.scenarios.proving.discovery import recording_of
from perptape.replays.tape.reader import open_recording

EVENTFUL = ("B05", "C05", "T03", "T07", "X02")
TABLES: tuple[Any, ...] = (wording.SENTENCES, wording.MEASURES, wording.BEYOND, wording.TITLES)


def recording(row_id: str) -> Path:
    return next(recording_of(row) for row in scenarios() if row.id == row_id)


@pytest.fixture
def reworded(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in TABLES:
        for key in table:
            monkeypatch.setitem(table, key, f"in other words, {key}")


@pytest.mark.usefixtures("reworded")
@pytest.mark.parametrize("row_id", EVENTFUL)
def test_with_every_sentence_reworded_no_recording_diverges_and_no_golden_fails(row_id: str) -> None:
    replay = replay_file(recording(row_id))
    checked = check(recording(row_id))

    assert wording.sentence(Reason("bot_halted")) == "in other words, bot_halted"
    assert (replay.divergences, replay.reproduced) == ([], replay.decisions)
    assert checked.ok


def reasons(value: Any) -> Iterator[Reason]:
    """Every reason in a decision."""
    if isinstance(value, Reason):
        yield value
    if hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            yield from reasons(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from reasons(item)


def test_every_reason_of_the_catalogue_has_the_facts_that_its_sentence_mentions() -> None:
    codes = set()
    for row in scenarios():
        with open_recording(recording_of(row)) as opened:
            lines = [line for line in opened.lines() if b'"schema":2' in line[:120]]
        for line in lines:
            decision = decode_line(line).data
            for reason in reasons(decision):
                codes.add(reason.code)
                assert "?" not in wording.sentence(reason), reason
            if isinstance(decision, (AlertRaised, OrderBlocked)):
                assert "?" not in wording.why(decision)
    assert len(codes) > 70
