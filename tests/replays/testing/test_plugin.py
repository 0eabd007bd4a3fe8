"""The pytest plugin, as a user has it: recordings are tests, goldens are written on demand, nothing else is touched."""

from pathlib import Path

import pytest

from tests.replays.golden.folder import Folder, rising, with_other_decision

pytest_plugins = ("pytester",)


@pytest.fixture
def user(pytester: pytest.Pytester) -> Folder:
    """A user's project with two recordings and their goldens."""
    folder = Folder(pytester.path)
    for name in ("a", "b"):
        folder.accepted(name=name)
    return folder


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def test_every_recording_is_a_test(pytester: pytest.Pytester, user: Folder) -> None:
    (user.path / "other.jsonl").write_text('{"not": "a recording"}\n')
    result = run(pytester, "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*a.jsonl::golden PASSED*", "*b.jsonl::golden PASSED*"])


def test_a_difference_fails_by_its_meaning_without_a_traceback(pytester: pytest.Pytester, user: Folder) -> None:
    user.record(rising(52_000), "b")
    result = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*1. prices changed on 3 fills; first at version 16*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_only_the_selected_goldens_are_updated(pytester: pytest.Pytester, user: Folder) -> None:
    for name in ("a", "b"):
        user.record(rising(52_000), name)
    before = user.golden("a").read_bytes()
    result = run(pytester, "--golden-update", "b.jsonl")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*goldens written*", "*b.jsonl: golden updated*", "*accepted: prices changed*"])
    assert user.golden("a").read_bytes() == before
    run(pytester).assert_outcomes(passed=1, failed=1)


def test_changed_decisions_are_accepted_with_words_of_the_changelog(pytester: pytest.Pytester, user: Folder) -> None:
    user.changelog()
    with_other_decision(user.path / "b.jsonl", size="0.0050")
    refused = run(pytester, "--golden-update", "b.jsonl")
    refused.assert_outcomes(failed=1)
    refused.stdout.fnmatch_lines(["*4 decisions differ from the recording*--because*"])
    run(pytester, "--golden-update", "--golden-because=half as large", "b.jsonl").assert_outcomes(passed=1)
    run(pytester).assert_outcomes(passed=2)


def test_a_golden_whose_recording_is_gone_fails_and_stays(pytester: pytest.Pytester, user: Folder) -> None:
    (user.path / "b.jsonl").unlink()
    for arguments in ((), ("--golden-update",)):
        result = run(pytester, *arguments)
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["*its recording b.jsonl is missing*"])
    assert user.golden("b").exists()


def test_a_recording_without_a_golden_fails_until_it_is_written(pytester: pytest.Pytester, user: Folder) -> None:
    user.golden("a").unlink()
    run(pytester).assert_outcomes(passed=1, failed=1)
    result = run(pytester, "--golden-update")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*a.jsonl: golden written*"])


def test_workers_share_the_recordings_and_report_what_was_written(pytester: pytest.Pytester, user: Folder) -> None:
    for name in ("c", "d"):
        user.record(rising(), name)
    result = run(pytester, "-n", "2", "--golden-update")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines_random(["*c.jsonl: golden written*", "*d.jsonl: golden written*"])


def test_the_settings_say_which_recordings_are_tests(pytester: pytest.Pytester, user: Folder) -> None:
    user.record(rising(52_000), "b")
    pytester.makeini("[pytest]\nperptape_recordings = a.* sub/*\n")
    run(pytester).assert_outcomes(passed=1)


def test_collecting_a_large_recording_reads_its_first_bytes_only(pytester: pytest.Pytester, user: Folder) -> None:
    path = user.path / "a.jsonl"
    with path.open("r+b") as file:
        file.truncate(5_000_000_000)
    result = run(pytester, "--collect-only", "-q")
    assert [line for line in result.outlines if "::golden" in line] == ["a.jsonl::golden", "b.jsonl::golden"]


def test_the_marker_selects_them(pytester: pytest.Pytester, user: Folder) -> None:
    Path(user.path, "test_own.py").write_text("def test_own():\n    assert True\n")
    run(pytester, "-m", "golden").assert_outcomes(passed=2, deselected=1)


def test_a_recording_that_was_emptied_fails_and_does_not_just_vanish(pytester: pytest.Pytester, user: Folder) -> None:
    (user.path / "b.jsonl").write_bytes(b"")
    result = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*b.jsonl: not a perptape recording: *"])
