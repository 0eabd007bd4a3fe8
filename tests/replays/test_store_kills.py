"""An import or an archiving that is killed at any moment leaves nothing half done, and goes on when it is repeated."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
@pytest.mark.parametrize(("operation", "moments"), [("import", 15), ("archive", 15)])
def test_whenever_it_is_killed(
    request: pytest.FixtureRequest, database: str, operation: str, moments: int, short_file: Path, tmp_path: Path
) -> None:
    url = "sqlite://" if database == "sqlite" else request.getfixturevalue("postgres_url")
    command = [sys.executable, "-m", "tests.replays.store_kills", operation, url, str(short_file), str(tmp_path)]

    found = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)

    assert found["failures"] == []
    assert found["killed"] >= moments
