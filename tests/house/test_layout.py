"""The tree is laid out as the design says, and its lists agree with each other."""

import re
from fnmatch import fnmatch

from tests.house.layout import PACKAGES, ROOT, border_modules, pyproject, shipped_files

FOLDERS = frozenset({*PACKAGES, "tests", "docs"})
LINES_MAX = 350


def _ignored() -> list[str]:
    lines = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    return [line.strip("/") for line in lines if line.endswith("/")]


def test_the_top_level_has_the_fixed_folders_only() -> None:
    ignored = _ignored()
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert {name for name in found if not any(fnmatch(name, one) for one in ignored)} <= FOLDERS


def test_no_file_is_longer_than_a_head_can_hold() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text("utf-8").splitlines()) for path in shipped_files()}
    assert {str(path): lines for path, lines in lengths.items() if lines > LINES_MAX} == {}


def test_the_coverage_goal_leaves_out_the_border_and_nothing_else() -> None:
    paths = [module.removeprefix("perptape.").replace(".", "/") for module in border_modules()]
    omitted = pyproject()["tool"]["coverage"]["run"]["omit"]
    assert sorted(omitted) == sorted(f"{path}{end}" for path in paths for end in (".py", "/*"))


def test_the_lock_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    assert not re.search(r"^\s*--(?!hash=)", lock, re.MULTILINE)


def test_the_lock_pins_every_requirement() -> None:
    project = pyproject()["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    assert {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in wanted} - pinned == set()
