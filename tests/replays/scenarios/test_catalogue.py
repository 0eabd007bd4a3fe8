"""The catalogue: every row of the functional specification is there, says what it verifies, and is proved."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from perptape.replays.golden.names import golden_of
from perptape.replays.scenarios.catalogue import CatalogueRow, catalogue, drills, scenarios
from perptape.replays.scenarios.drills.drill import Drill
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.proving.discovery import RECORDINGS, recording_of
from perptape.replays.scenarios.proving.in_parallel import prove_drill
from perptape.replays.scenarios.runner.proof import prove

SPECIFIED: dict[str, Any] = json.loads((Path(__file__).parent / "phrases.json").read_text(encoding="utf-8"))
"""The rows of the specification: name, section, whether a drill, story, and the phrases of its list."""


def marked(rows: Iterable[CatalogueRow]) -> list[Any]:
    """Rows as parameters, each with the marker of its section."""
    return [pytest.param(row, id=row.title, marks=getattr(pytest.mark, row.marker)) for row in rows]


@pytest.mark.parametrize("row", marked(scenarios()))
def test_a_row_is_proved_with_its_recording(row: Scenario) -> None:
    proved = prove(row, recording_of(row))
    assert proved.failures == ()


@pytest.mark.parametrize("row", marked(drills()))
def test_a_drill_is_survived(row: Drill) -> None:
    assert prove_drill(row).failures == ()


def specified() -> list[CatalogueRow]:
    """The rows of the specification; those of `depth` are ours."""
    return [row for row in catalogue() if row.section != "depth"]


def test_the_catalogue_holds_every_row_that_is_specified() -> None:
    assert [row.id for row in specified()] == list(SPECIFIED)


@pytest.mark.parametrize("row", marked(specified()))
def test_a_row_is_the_one_of_the_specification(row: CatalogueRow) -> None:
    specified = SPECIFIED[row.id]
    said = (row.name, row.section, isinstance(row, Drill), row.story)
    assert said == (specified["name"], specified["section"], specified["drill"], specified["story"])


@pytest.mark.parametrize("row", marked(specified()))
def test_each_phrase_has_an_expectation_and_there_are_no_others(row: CatalogueRow) -> None:
    assert {expectation.phrase for expectation in row.verifies} == set(SPECIFIED[row.id]["phrases"])


@pytest.mark.parametrize("row", marked(catalogue()))
def test_expectations_have_names_of_their_own(row: CatalogueRow) -> None:
    names = [expectation.name for expectation in row.verifies]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", ["scenario", "edge_case", "state"])
def test_every_marker_selects_rows(kind: str) -> None:
    assert any(row.marker == kind for row in catalogue())


def test_recordings_and_goldens_are_those_of_the_rows() -> None:
    """What they say is held against the rows above, and against each other by the plugin (testpaths)."""
    known = {recording_of(row) for row in scenarios()}
    assert set(RECORDINGS.rglob("*.jsonl")) == known
    assert set(RECORDINGS.rglob("*.golden.json")) == {golden_of(recording) for recording in known}
