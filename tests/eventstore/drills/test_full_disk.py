"""A full disk is one clear error: nothing acknowledged is lost, and with room again everything goes on."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[3]
MOUNT = 'mount -t tmpfs -o size="$0",mode=777 none "$1" && shift && exec "$@"'
"""A small file system that only this process and its children see, and that goes with them."""
NAMESPACE = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]


def on_a_small_disk(size: str, folder: Path, *arguments: str) -> list[str]:
    """Run a drill on a file system of its own; the steps that it told."""
    drill = [sys.executable, "-m", "tests.eventstore.drills.full_disk", *arguments, str(folder)]
    command = [*NAMESPACE, "sh", "-c", MOUNT, size, str(folder), *drill]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(("kind", "size"), [("sqlite", "4m"), ("postgres", "40m")])
def test_appends_snapshots_exports_and_migrations_survive_a_full_disk(kind: str, size: str) -> None:
    with TemporaryDirectory(prefix="perptape-full-") as name:
        folder = Path(name)  # outside pytest's, which the server's user may not enter
        folder.chmod(0o755)
        assert on_a_small_disk(size, folder, kind) == ["append", "snapshot", "export", "migration"]
