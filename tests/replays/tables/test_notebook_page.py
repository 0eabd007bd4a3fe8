"""docs/notebook.md, followed word for word after `perptape demo`, and the demo's figures against its golden."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from perptape import open_recording
from perptape.replays.golden.take import take
from perptape.replays.tables import TABLES
from tests.house.layout import ROOT
from tests.replays.command import perptape
from tests.replays.tables.against_golden import differences
from tests.replays.tutorial import Command, commands

PAGE = (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8")


def test_the_page_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert perptape("demo").status == 0
    assert differences(open_recording("demo/session.jsonl"), take(Path("demo/session.jsonl"))) == []

    examples = doctest.DocTestParser().get_doctest("\n\n".join(blocks("pycon")), {}, "notebook.md", None, 0)
    assert len(examples.examples) > 15
    said: list[str] = []
    doctest.DocTestRunner().run(examples, out=said.append)
    assert "".join(said) == ""

    for step in (step for block in blocks("console") for step in commands(block)):
        assert step.differs(run(step)) == ""


def test_the_page_names_every_column_with_its_unit() -> None:
    for table in TABLES.values():
        described = "".join(f"| `{name}` | {kind} | {about} |\n" for name, kind, about in table.columns)
        head = "| column | type | what it holds |\n|---|---|---|\n"
        assert f"\n### {table.name}\n\n{table.about}\n\n{head}{described}" in PAGE


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def run(step: Command) -> str:
    name, *arguments = shlex.split(step.line)
    assert name == "perptape"
    return perptape(*arguments).said
