"""The jobs of docs/ci.md, step by step, in a fresh environment: while the recording matches, and when it differs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from tests.house.layout import ROOT
from tests.house.workflow import breaches, parse, pins
from tests.packaging.environment import Environment
from tests.replays.tutorial import PAGE, Edit, File, steps

TEXT = (ROOT / "docs" / "ci.md").read_text("utf-8")
GITHUB, GITLAB = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
[SUMMARY] = re.findall(r"^````markdown\n(.*?)^````$", TEXT, re.MULTILINE | re.DOTALL)
[(OLD, NEW)] = re.findall(r"^```diff\n-(.*)\n\+(.*)\n```$", TEXT, re.MULTILINE)
CHANGE = Edit("breakout.py", OLD, NEW)
INSTALL = "python -m pip install -r requirements.txt"
"""What a job does first; the fixture does the same without a network."""
KEPT = {"summary.md", "recordings/own/U01_breakout.jsonl", "recordings/own/U01_breakout.golden.json"}


@pytest.fixture(scope="module")
def repository(installed: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's repository: the strategy and the scenario of the tutorial, its recording and its golden."""
    folder = tmp_path_factory.mktemp("repository")
    for file in [step for step in steps(PAGE.read_text("utf-8")) if isinstance(step, File)][:3]:
        file.do(folder)
    record = "perptape scenarios record breakout_scenario.py -o recordings && perptape golden accept recordings"
    assert installed.run(record, folder).returncode == 0
    return folder


@pytest.fixture
def checkout(repository: Path, tmp_path: Path) -> Path:
    """A copy of the repository, which a job may change."""
    return copytree(repository, tmp_path / "checkout")


def carried_out(commands: Iterator[str], checkout: Path, installed: Environment) -> int:
    """Run the commands of a job until one fails; gives its status."""
    install, *others = commands
    assert install == INSTALL
    return next((done.returncode for line in others if (done := installed.run(line, checkout)).returncode), 0)


def github(checkout: Path, installed: Environment) -> tuple[int, set[str]]:
    """Run the job of GitHub; gives its status and what it uploads."""
    job = parse(GITHUB)["jobs"]["goldens"]
    status = carried_out((step["run"] for step in job["steps"] if "run" in step), checkout, installed)
    *_, upload = job["steps"]
    assert upload["if"] == "failure()"
    return status, files(checkout / upload["with"]["path"]) if status else set()


def gitlab(checkout: Path, installed: Environment) -> tuple[int, set[str]]:
    """Run the job of GitLab; gives its status and what it keeps."""
    job = parse(GITLAB)["goldens"]
    status = carried_out(iter(job["script"]), checkout, installed)
    [path] = job["artifacts"]["paths"]
    return status, files(checkout / path)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_job_of_github_passes_while_recordings_match(
    checkout: Path, installed: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = checkout.parent / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert github(checkout, installed) == (0, set())
    assert summary.read_text("utf-8").startswith("### The recording matches its golden\n")


def test_the_job_of_github_fails_for_a_difference_shows_it_and_keeps_it(
    checkout: Path, installed: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = checkout.parent / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    CHANGE.do(checkout)
    assert github(checkout, installed) == (1, KEPT)
    assert summary.read_text("utf-8") == SUMMARY + "\n"


def test_the_job_of_gitlab_does_the_same(checkout: Path, installed: Environment) -> None:
    assert gitlab(copytree(checkout, checkout.parent / "unchanged"), installed) == (0, {"summary.md"})
    CHANGE.do(checkout)
    assert gitlab(checkout, installed) == (1, KEPT)
    assert (checkout / "diverging" / "summary.md").read_text("utf-8") == SUMMARY + "\n"


def test_the_job_of_github_keeps_the_rules_of_our_own_workflow() -> None:
    assert breaches(GITHUB) == []
    assert pins(GITHUB) == pins((ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8"))


@pytest.mark.parametrize(("schema", "text"), [("github-workflows", GITHUB), ("gitlab-ci", GITLAB)])
def test_both_jobs_fit_the_schema_of_their_system(schema: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "job.yml"
    path.write_text(text, encoding="utf-8")
    check: list[Any] = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
