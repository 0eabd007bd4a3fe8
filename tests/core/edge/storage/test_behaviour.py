"""The behaviour digest: it changes with the code that shapes decisions and state, and with nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from perptape.core.edge.storage.behaviour import SHAPING, UPCASTING, behaviour_digest, shipped_digest
from tests.house.layout import ROOT, border_modules, copy_package, is_within, module_name

SCRIPT = "from perptape.core.edge.storage.behaviour import behaviour_digest; print(behaviour_digest())"


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the core that may be changed."""
    return copy_package(tmp_path_factory.mktemp("copy")) / "core"


def digest_of(core: Path) -> str:
    command = [sys.executable, "-c", SCRIPT]
    return subprocess.run(command, cwd=core.parent.parent, capture_output=True, text=True, check=True).stdout.strip()


def test_it_is_a_digest_and_stays_the_same() -> None:
    assert re.fullmatch("[0-9a-f]{64}", behaviour_digest())
    assert behaviour_digest() == behaviour_digest(()) == behaviour_digest([])


def test_it_does_not_depend_on_where_the_code_lies(core: Path) -> None:
    assert digest_of(core) == behaviour_digest()


@pytest.mark.parametrize("shaping", SHAPING)
def test_every_module_named_is_there(shaping: str) -> None:
    assert (ROOT / "core" / shaping).exists()


@pytest.mark.parametrize(
    "path", ["guards/sizes.py", "codec.py", "events/upcasters.py", "strategies/ma_crossover.py", "evolve/fills.py"]
)
def test_a_changed_line_changes_it(core: Path, path: str) -> None:
    before = (core / path).read_bytes()
    (core / path).write_bytes(before + b"\n# a comment counts too: nobody has to judge whether it matters\n")
    assert digest_of(core) != behaviour_digest()
    (core / path).write_bytes(before)


def test_how_the_event_store_upcasts_counts_too(core: Path) -> None:
    upcasting = core.parent / "eventstore" / UPCASTING
    before = upcasting.read_bytes()
    upcasting.write_bytes(before + b"# a comment\n")
    assert digest_of(core) != behaviour_digest()
    upcasting.write_bytes(before)


def test_a_new_guard_file_changes_it(core: Path) -> None:
    new = core / "guards" / "moon.py"
    new.write_text('"""A guard that nobody asks."""\n')
    assert digest_of(core) != behaviour_digest()
    new.unlink()


def test_the_edges_and_caches_do_not_count(core: Path) -> None:
    (core / "edge" / "alerts.py").write_text('"""Other alerts."""\n')
    (core / "guards" / "__pycache__").mkdir(exist_ok=True)
    (core / "guards" / "__pycache__" / "moon.pyc").write_bytes(b"compiled")
    (core / "guards" / "notes.txt").write_text("not code")
    assert digest_of(core) == behaviour_digest()


def test_the_users_strategies_count_with_their_kind() -> None:
    digests = {
        behaviour_digest(sources)
        for sources in (
            [],
            [("mine.py:Mine", "aa")],
            [("mine.py:Mine", "ab")],
            [("other.py:Mine", "aa")],
            [("mine.py:Mine", "aa"), ("other.py:Other", "bb")],
        )
    }
    assert len(digests) == 5
    assert shipped_digest() not in digests


def test_nothing_pure_is_forgotten() -> None:
    pure = {
        path.relative_to(ROOT / "core").parts[0]
        for path in (ROOT / "core").rglob("*.py")
        if not is_within(module_name(path), border_modules())
    }
    assert pure - set(SHAPING) == {"__init__.py", "comparison.py", "errors.py", "wording.py"}
