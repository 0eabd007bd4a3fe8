"""The scenario reference: what it says of a row, and that the committed page is the one the scripts give."""

from pathlib import Path

from perptape.replays.scenarios.catalogue import catalogue
from perptape.replays.scenarios.describe.reference import reference
from perptape.replays.scenarios.proving.discovery import named
from tests.replays.command import perptape

PAGE = Path(__file__).parents[4] / "docs" / "scenario-reference.html"


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(catalogue()), f"perptape scenarios reference -o {PAGE.name}"


def test_a_row_is_told_with_story_faults_phrases_expectations_and_a_chart() -> None:
    page = reference(named(["T09"]))
    for said in (
        "429 on placement → backoff → placed",
        "submissions 1 to 2: each is refused by the rate limit",
        "same client order id on each try",
        "every try carries the id of the request",
        'class="series price"',
        'href="#buy"',
    ):
        assert said in page


def test_a_drill_is_told_without_a_chart() -> None:
    page = reference(named(["S07"]))
    assert "A drill: real processes, real files, real kills." in page
    assert "<canvas" not in page
    assert 'class="series price"' not in page


def test_the_command_writes_the_page_and_checks_it(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert perptape("scenarios", "reference", "T02", "-o", page, "--check").status == 1
    assert perptape("scenarios", "reference", "T02", "-o", page).status == 0
    assert perptape("scenarios", "reference", "T02", "-o", page, "--check").status == 0
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert perptape("scenarios", "reference", "T02", "-o", page, "--check").status == 1
