"""The workflow of CI: what starts it, what it may do, what it runs. It cannot be run here, so it is read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.layout import ROOT
from tests.house.workflow import breaches, parse

WORKFLOW = ROOT / ".github" / "workflows" / "tests.yml"
TEXT = WORKFLOW.read_text("utf-8")
JOBS = parse(TEXT)["jobs"]
CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"


def commands(job: str) -> str:
    return "\n".join(step.get("run", "") for step in JOBS[job]["steps"])


def test_the_workflows_keep_the_rules() -> None:
    workflows = sorted(WORKFLOW.parent.iterdir())
    assert WORKFLOW in workflows
    assert {path.name: breaches(path.read_text("utf-8")) for path in workflows} == {path.name: [] for path in workflows}


def test_it_starts_for_pull_requests_daily_and_by_hand() -> None:
    on = parse(TEXT)["on"]
    assert set(on) == {"pull_request", "schedule", "workflow_dispatch"}
    [daily] = on["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", daily["cron"])


def test_a_newer_push_ends_the_older_run_of_a_pull_request_only() -> None:
    concurrency = parse(TEXT)["concurrency"]
    assert "github.ref" in concurrency["group"]
    assert concurrency["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


def test_each_python_of_the_makefile_is_checked_on_linux() -> None:
    check = JOBS["check"]
    [pythons] = re.findall(r"^PYTHONS \?= (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert [f"python{version}" for version in check["strategy"]["matrix"]["python"]] == pythons.split()
    assert (check["runs-on"], "if" in check) == ("ubuntu-latest", False)
    assert "make check " in commands("check")
    assert 'coverage report --format=markdown --fail-under=0 >> "$GITHUB_STEP_SUMMARY"' in commands("check")


def test_the_sweep_runs_nightly_and_keeps_its_log_and_what_failing_tests_wrote() -> None:
    sweep = JOBS["sweep"]
    assert sweep["if"] == "github.event_name != 'pull_request'"
    assert "make sweep " in commands("sweep")
    keep = sweep["steps"][-1]
    assert (keep["if"], keep["with"]["path"].split()) == (
        "always()",
        ["build/sweep.log", "build/sweep-failures.tar.gz"],
    )
    assert all(path in commands("sweep") for path in keep["with"]["path"].split())
    assert "--basetemp=build/sweep -o tmp_path_retention_policy=failed" in (ROOT / "Makefile").read_text("utf-8")


def test_systems_on_which_tests_may_fail_are_said_not_to_be_supported() -> None:
    other = JOBS["other-systems"]
    assert (other["continue-on-error"], other["strategy"]["matrix"]["system"]) == (
        True,
        ["macos-latest", "windows-latest"],
    )
    assert "macOS and Windows are not yet supported" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (CHECKOUT, "actions/checkout@v6", "actions/checkout@v6: pin it by digest"),
        (CHECKOUT, CHECKOUT.partition(" ")[0], "pin it by digest"),
        (CHECKOUT, CHECKOUT.replace("actions/", "strangers/"), "strangers/checkout: only actions/checkout, "),
        ("  pull_request:\n", "  pull_request_target:\n", "pull_request_target: only "),
        ("  contents: read", "  contents: write", "permissions: say"),
        ("  contents: read", "  contents: read\n  id-token: write", "permissions: say"),
        ("permissions:\n  contents: read\n", "", "permissions: say"),
        ("    timeout-minutes: 60\n", "", "check: say timeout-minutes"),
        (
            "    timeout-minutes: 60\n",
            "    timeout-minutes: 60\n    permissions: write-all\n",
            "check: permissions are",
        ),
        (
            "    timeout-minutes: 60\n",
            "    timeout-minutes: 60\n    continue-on-error: true\n",
            "check: this job may not",
        ),
        ("          persist-credentials: false\n", "          fetch-depth: 1\n", "check: checkout: say"),
        ("run: make check", "continue-on-error: true\n        run: make check", "check: this step may not"),
        ("JOBS=4\n", "JOBS=4 TITLE=${{ github.event.pull_request.title }}\n", "check: an expression inside `run`"),
        ("JOBS=4\n", "JOBS=4 TOKEN=${{ secrets.TOKEN }}\n", "secrets: no job"),
        ("    shell: bash ", "    shell: sh ", "sweep: a pipe hides a failure"),
    ],
)
def test_a_breach_is_named(old: str, new: str, said: str) -> None:
    assert TEXT.count(old) > 0
    assert any(said in what for what in breaches(TEXT.replace(old, new, 1)))


@pytest.mark.parametrize(("old", "status"), [("", 0), ("runs-on: ubuntu-latest", 1)])
def test_the_schema_of_github_is_at_hand_without_a_network(old: str, status: int, tmp_path: Path) -> None:
    path = tmp_path / "tests.yml"
    path.write_text(TEXT.replace(old, "runs: ubuntu-latest") if old else TEXT, encoding="utf-8")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout
