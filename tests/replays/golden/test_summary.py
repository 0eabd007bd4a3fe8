"""`perptape golden check --summary FILE.md --keep FOLDER`: what a CI job shows and what it stores."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from perptape.replays.golden.check import Checked
from perptape.replays.golden.difference import Changed, Difference
from perptape.replays.golden.keep import SUMMARY
from perptape.replays.golden.summary import BYTES_MAX, ROWS_MAX, summary_text
from tests.replays.command import perptape
from tests.replays.golden.folder import Folder, rising, with_other_decision

GITHUB_BYTES_MAX = 1024 * 1024


def rendered(markdown: str) -> str:
    page: str = MarkdownIt("commonmark").enable("table").render(markdown)
    return page


def headline(markdown: str) -> str:
    return markdown.partition("\n")[0]


def other(name: str = "s", count: int = 1, value: str = "2") -> Checked:
    """A recording with so many differences, each of which concerns eight paths."""
    changes = tuple(Changed(f"fills[{place}].price", "1", value) for place in range(8))
    differences = tuple(Difference("fills", f"prices changed on {n} fills", 7, changes) for n in range(count))
    return Checked(Path(f"{name}.jsonl"), Path(f"{name}.golden.json"), 49, differences)


def same(name: str = "t") -> Checked:
    return Checked(Path(f"{name}.jsonl"), Path(f"{name}.golden.json"), 49, ())


@pytest.mark.parametrize(
    ("results", "faults", "said"),
    [
        ([same()], [], "The recording matches its golden"),
        ([same()] * 3, [], "All 3 recordings match their goldens"),
        ([other()], [], "The recording differs from its golden"),
        ([other(), same()], [], "1 of 2 recordings differs from its golden"),
        ([other(), other()], [], "2 of 2 recordings differ from their goldens"),
        ([other(), same()], ["x"], "1 of 3 recordings differs from its golden, 1 of 3 could not be checked"),
        ([same()], ["x"], "Recordings: 1 of 2 could not be checked"),
        ([], ["x"], "No recording could be checked"),
    ],
)
def test_the_headline_says_how_it_went(results: list[Checked], faults: list[str], said: str) -> None:
    assert headline(summary_text(results, faults)) == f"### {said}"


def test_a_change_is_shown_by_its_meaning_with_both_values(folder: Folder) -> None:
    folder.accepted(name="same")
    folder.accepted(name="other")
    path = folder.record(rising(52_000), "other")
    summary = folder.path / "summary.md"
    answer = perptape("golden", "check", folder.path, "--summary", summary)
    assert answer.status == 1
    text = summary.read_text(encoding="utf-8")
    page = rendered(text)
    assert headline(text) == "### 1 of 2 recordings differs from its golden"
    assert "<strong>prices changed on 3 fills</strong>; first at version" in page
    assert "<td><code>fills[0].price</code></td>\n<td><code>&quot;50088.4&quot;</code></td>" in page
    assert page.count("<table>") > 3
    assert re.search("<code>states[.]50</code></td>\n<td><code>&quot;[0-9a-f]{12}…&quot;</code>", page)
    assert f"perptape golden accept {path}\n" in page
    assert page.count("<ol") == 2, "tables belong to the items of the lists"
    assert "<summary>9 consequences</summary>" in page[page.index("sizes changed on 1 fill") :]
    assert page.index("1 matching recording") > page.index("prices changed on 3 fills")


def test_accepting_a_changed_decision_asks_for_words_of_the_changelog(folder: Folder) -> None:
    path = folder.accepted()
    with_other_decision(path, size="0.0050")
    summary = folder.path / "summary.md"
    assert perptape("golden", "check", path, "--summary", summary).status == 1
    assert f'perptape golden accept {path} --because "' in summary.read_text(encoding="utf-8")


def test_a_summary_is_added_to_what_the_file_holds(folder: Folder) -> None:
    folder.accepted()
    summary = folder.path / "summary.md"
    summary.write_text("## Before\n\n", encoding="utf-8")
    for _ in range(2):
        assert perptape("golden", "check", folder.path, "--summary", summary).status == 0
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("## Before\n\n### The recording matches its golden\n")
    assert rendered(text).count("<h3>The recording matches its golden</h3>") == 2


def test_what_cannot_be_checked_is_in_the_summary(folder: Folder) -> None:
    folder.record(rising(), "fresh")
    summary = folder.path / "summary.md"
    assert perptape("golden", "check", folder.path, "--summary", summary).status == 2
    assert "fresh.golden.json: no golden yet" in summary.read_text(encoding="utf-8")


def test_a_folder_without_recordings_is_in_the_summary(folder: Folder) -> None:
    summary = folder.path / "summary.md"
    said = perptape("golden", "check", folder.path, "--summary", summary).complaint
    assert (
        summary.read_text(encoding="utf-8")
        == f"### No recording could be checked\n\nCould not be checked:\n\n- {said}\n\n"
    )


@pytest.mark.parametrize("name", ["a|b", "a`b", "a<b>", "a*b*", "a\nb", "[a](b)", "a\\"])
def test_names_and_values_do_not_change_the_layout(name: str) -> None:
    page = rendered(summary_text([other(name, value=name)], [f"{name}.jsonl: it is no recording"]))
    plain = rendered(summary_text([other("ab", value="ab")], ["ab.jsonl: it is no recording"]))
    for tag in ("<table>", "<tr>", "<td>", "<code>", "<li>", "<em>", "<a ", "<b>", "<h4>"):
        assert page.count(tag) == plain.count(tag), tag


def test_a_summary_stays_below_what_github_takes() -> None:
    many = [other(f"recordings/{n}", 30, "x" * 500) for n in range(3 * ROWS_MAX)]
    text = summary_text([*many, *(same(f"recordings/{n}") for n in range(3 * ROWS_MAX))], [])
    assert BYTES_MAX * 0.9 < len(text.encode()) <= BYTES_MAX < GITHUB_BYTES_MAX
    assert "The log shows 10 more differences.\n" in text
    assert "and 2,000 more recordings" in text
    assert "more recordings.\n" in text
    assert text.endswith("</details>\n\n")


def test_what_differs_is_kept_with_its_golden_and_the_summary(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.path)
    folder.accepted(name="same")
    folder.accepted(name="other")
    path = folder.record(rising(52_000), "other")
    assert perptape("golden", "check", ".", "--keep", "kept").status == 1
    kept = folder.path / "kept"
    assert {found.name for found in kept.iterdir()} == {SUMMARY, "other.jsonl", "other.golden.json"}
    assert (kept / "other.jsonl").read_bytes() == path.read_bytes()
    assert "1 of 2 recordings differs" in headline((kept / SUMMARY).read_text(encoding="utf-8"))
    assert perptape("golden", "check", kept).status == 1


def test_of_a_lost_recording_the_golden_is_kept(folder: Folder, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder.accepted().unlink()
    kept = tmp_path_factory.mktemp("elsewhere") / "kept"
    assert perptape("golden", "check", folder.path, "--keep", kept).status == 1
    assert (kept / folder.golden().relative_to("/")).exists()
    assert "**recording is missing**" in (kept / SUMMARY).read_text(encoding="utf-8")


def test_files_that_cannot_be_written_are_one_line(folder: Folder) -> None:
    path = folder.accepted()
    summary = perptape("golden", "check", path, "--summary", folder.path)
    assert (summary.status, summary.err.count("\n")) == (2, 1)
    assert summary.err.startswith(f"perptape: {folder.path}: the summary cannot be written: ")
    assert "not empty" in perptape("golden", "check", path, "--keep", folder.path).complaint
    assert "cannot be used" in perptape("golden", "check", path, "--keep", path).complaint
