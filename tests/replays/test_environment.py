"""A result does not depend on hash seed, time zone, locale, folder or optimisation: the same bytes come out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.layout import PATHS

SCRIPT = """
import sys
from perptape import cli

for arguments in (["replay", "--json"], ["rebuild"], ["verify", "--json"], ["replay", "--all", "--json"]):
    sys.argv = ["perptape", *arguments, sys.argv[-1]]
    try:
        cli.main()
    except SystemExit as leaving:
        print(arguments, leaving.code)
"""

ENVIRONMENTS: dict[str, tuple[list[str], dict[str, str]]] = {
    "another hash seed": ([], {"PYTHONHASHSEED": "1"}),
    "a third hash seed, far east": ([], {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Chatham"}),
    "far west, C locale": ([], {"TZ": "America/St_Johns", "LC_ALL": "C"}),
    "optimised, another locale": (["-OO"], {"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8"}),
}


def told(recording: Path, folder: Path, options: list[str], environment: dict[str, str]) -> list[str]:
    """Everything the commands print about the recording but how long it took."""
    clean = {key: value for key, value in os.environ.items() if key not in ("TZ", "LC_ALL", "LANG", "PYTHONHASHSEED")}
    done = subprocess.run(
        [sys.executable, *options, "-c", SCRIPT, str(recording)],
        cwd=folder,
        env={**clean, "PYTHONPATH": PATHS, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if '"seconds"' not in line]


@pytest.fixture(scope="module")
def here(session_file: Path) -> list[str]:
    lines = told(session_file, session_file.parent, [], {"PYTHONHASHSEED": "0", "TZ": "UTC"})
    assert [line for line in lines if line.startswith("['")] == [
        "['replay', '--json'] 0",
        "['rebuild'] 0",
        "['verify', '--json'] 0",
        "['replay', '--all', '--json'] 0",
    ]
    return lines


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_same_comes_out(name: str, here: list[str], session_file: Path, tmp_path: Path) -> None:
    options, environment = ENVIRONMENTS[name]
    assert told(session_file, tmp_path, options, environment) == here
