"""Accepting: explicit, one recording at a time; changed decisions are listed with the changelog's words for them."""

from pathlib import Path

import pytest

from perptape.replays.golden.accept import accept
from perptape.replays.golden.check import check
from perptape.replays.golden.errors import GoldenError
from perptape.replays.golden.form import load
from tests.replays.golden.folder import Folder, rising, with_other_decision
from tests.replays.surgery import Tape

WORDS = "Entries are half as large."


def diverging(folder: Folder) -> Path:
    """A recording whose first order was half as large as today's code makes it, and a changelog that says so."""
    path = folder.record(rising())
    with_other_decision(path, size="0.0050")
    folder.changelog()
    return path


def test_the_first_golden_is_written_and_the_second_is_the_same(folder: Folder) -> None:
    path = folder.record(rising())
    assert accept(path).change == "written"
    assert accept(path).change == "same"


def test_a_recording_that_was_made_anew_updates_its_golden(folder: Folder) -> None:
    folder.accepted()
    path = folder.record(rising(52_000))
    done = accept(path)
    assert (done.change, done.refused) == ("updated", ())
    assert check(path).ok


def test_changed_decisions_are_told_with_the_observation_that_they_answer(folder: Folder) -> None:
    path = folder.accepted()
    version = with_other_decision(path, size="0.0050")
    first = check(path).differences[0]
    assert first.sentence == (
        f"size of OrderRequested changed on 1 decision; first at version {version}, "
        f"because the bot now reacts differently to QuoteUpdated at version {version - 2}"
    )
    assert [(change.golden, change.now) for change in first.changes] == [("0.0050", "0.0099")]


def test_decisions_that_are_gone_or_new_are_told_as_that(folder: Folder) -> None:
    path = folder.accepted()
    with_other_decision(path, "SignalGenerated", symbol="ETH-PERP")
    texts = [difference.text for difference in check(path).differences]
    assert texts[0] == "symbol of SignalGenerated changed on 1 decision"


def test_changed_decisions_are_accepted_with_the_words_of_the_changelog_only(folder: Folder) -> None:
    path = diverging(folder)
    with pytest.raises(GoldenError, match=r"4 decisions differ from the recording.*--because"):
        accept(path)
    with pytest.raises(GoldenError, match="no entry contains 'Nothing'"):
        accept(path, because="Nothing")
    assert not folder.golden().exists()
    before = path.read_bytes()
    assert accept(path, because=WORDS).change == "written"
    checked = check(path)
    assert (checked.ok, len(checked.held), path.read_bytes()) == (True, 4, before)
    [group] = load(folder.golden()).accepted
    assert (group.because, [kept.type for kept in group.decisions]) == (
        WORDS,
        ["OrderRequested", "ModeChanged", "CancelRequested", "AlertRaised"],
    )
    assert group.decisions[0].changes == {"data.size": ["0.0050", "0.0099"]}


def test_a_second_change_in_a_turn_with_an_accepted_one_is_a_difference(folder: Folder) -> None:
    path = folder.record(rising())
    version = with_other_decision(path, "SignalGenerated", price="1")
    folder.changelog()
    accept(path, because=WORDS)
    assert check(path).ok
    tape = Tape.read(path)
    order = next(at for at in tape.decisions if at > version and tape.at(at)["type"] == "OrderRequested")
    assert tape.at(order)["cause"] == tape.at(version)["cause"]
    path.write_bytes(tape.changed(order, size="0.0001").content)
    texts = [difference.text for difference in check(path).differences]
    assert "size of OrderRequested changed on 1 decision" in texts


def test_the_changelog_may_be_elsewhere_and_must_be_somewhere(folder: Folder, tmp_path: Path) -> None:
    path = diverging(folder)
    other = tmp_path / "HISTORY"
    (tmp_path / "CHANGELOG.md").rename(other)
    with pytest.raises(GoldenError, match=r"no CHANGELOG\.md in a folder above it"):
        accept(path, because=WORDS)
    assert accept(path, because=WORDS, changelog=other).change == "written"


def test_a_divergence_that_was_accepted_and_is_another_one_now_is_not_accepted(folder: Folder) -> None:
    path = diverging(folder)
    accept(path, because=WORDS)
    golden = folder.golden()
    golden.write_text(golden.read_text().replace('["0.0050", "0.0099"]', '["0.0050", "0.0098"]'))
    texts = [difference.text for difference in check(path).differences]
    assert texts == [
        "size of OrderRequested changed on 1 decision",
        "1 decision no longer changed as accepted",
    ]
    accept(path, because=WORDS)
    assert [len(group.decisions) for group in load(golden).accepted] == [3, 1]
    assert check(path).ok


def test_each_difference_may_be_refused_and_stays_one(folder: Folder) -> None:
    folder.accepted()
    path = folder.record(rising(52_000))
    done = accept(path, agree=lambda difference: difference.section != "fills")
    assert {difference.section for difference in done.refused} == {"fills"}
    assert {difference.section for difference in check(path).differences} == {"fills"}


def test_refusing_everything_writes_nothing(folder: Folder) -> None:
    folder.accepted()
    before = folder.golden().read_bytes()
    done = accept(folder.record(rising(52_000)), agree=lambda _: False)
    assert (done.change, done.accepted) == ("same", ())
    assert folder.golden().read_bytes() == before


def test_a_damaged_recording_is_told_and_not_accepted(folder: Folder) -> None:
    path = folder.accepted()
    tape = Tape.read(path)
    path.write_bytes(tape.with_line(20, tape.events[19].replace(b'"', b"'", 1)).content)
    [difference] = check(path).differences
    assert difference.text.startswith("the recording is damaged at version 20")
    with pytest.raises(GoldenError, match=r"damaged at version 20.*nothing was accepted"):
        accept(path)


def test_a_golden_without_a_recording_is_a_difference_and_never_deleted(folder: Folder) -> None:
    path = folder.accepted()
    path.unlink()
    [difference] = check(path).differences
    assert difference.text.startswith("its recording s.jsonl is missing")
    with pytest.raises(GoldenError, match="nothing was accepted"):
        accept(path)
    assert folder.golden().exists()
