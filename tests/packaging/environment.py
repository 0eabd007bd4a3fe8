"""perptape installed from its wheel in an environment of its own; dependencies are those that run the tests."""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.house.layout import ROOT

Done = subprocess.CompletedProcess[str]
_PYTEST = "#!{python}\nimport sys\nimport pytest\nsys.exit(pytest.main())\n"


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and the wheel that was installed in it."""

    home: Path
    wheel: Path

    @property
    def programs(self) -> Path:
        return self.home / "bin"

    @property
    def python(self) -> Path:
        return self.programs / "python"

    @cached_property
    def site(self) -> Path:
        [site] = self.home.glob("lib/python*/site-packages")
        return site

    def run(self, command: str, folder: Path, **environment: str) -> Done:
        """Run a shell command in a folder, its programs first on the path; errors are among its output."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST", "COV_"))}
        path = f"{self.programs}:{kept['PATH']}"
        return subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={**kept, "PATH": path, "PYTHONUNBUFFERED": "1", "COLUMNS": "80", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def install(self, wheel: Path) -> None:
        """Install a wheel into it; nothing is downloaded."""
        self._pip("install", "--no-deps", "--no-index", "--no-compile", "--ignore-installed", str(wheel))

    def uninstall(self, name: str) -> None:
        self._pip("uninstall", "--yes", name)

    def files(self, distribution: str) -> set[Path]:
        """The files of a distribution, as its RECORD lists them."""
        [record] = self.site.glob(f"{distribution}-*.dist-info/RECORD")
        return {(self.site / line.rsplit(",", 2)[0]).resolve() for line in record.read_text("utf-8").splitlines()}

    def copy(self, home: Path) -> "Environment":
        """The same environment again, to install something into; files are shared until one of them is replaced."""
        shutil.copytree(self.home, home, symlinks=True, copy_function=os.link)
        made = Environment(home, self.wheel)
        for script in ("perptape", "pytest"):
            text = (self.programs / script).read_text("utf-8").replace(str(self.home), str(home))
            (made.programs / script).unlink()
            _write_script(made.programs / script, text)
        return made

    def _pip(self, *arguments: str) -> None:
        done = self.run(f"python -m pip -q --disable-pip-version-check {' '.join(arguments)}", self.home)
        assert done.returncode == 0, done.stdout


def shared_environment(folder: Path) -> Environment:
    """The environment below `folder`, made by the first of the processes that ask for it."""
    with _locked(folder / "installed.lock"):
        if not (folder / "installed" / "ready").exists():
            wheel = build("wheel", ROOT, folder / "wheel")
            make_environment(folder / "installed", wheel)
            (folder / "installed" / "ready").touch()
        [wheel] = (folder / "wheel").glob("*.whl")
        return Environment(folder / "installed", wheel)


def make_environment(home: Path, wheel: Path) -> Environment:
    """A new environment with the wheel installed in it."""
    venv.create(home, symlinks=True, with_pip=False)
    made = Environment(home, wheel)
    (made.site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    made.install(wheel)
    _write_script(made.programs / "pytest", _PYTEST.format(python=made.python))
    return made


def build(target: str, sources: Path, folder: Path) -> Path:
    """Build a `wheel`, `wheel:editable` or `sdist` of the sources into a folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=sources, check=True, capture_output=True)
    [built] = folder.iterdir()
    return built


def _write_script(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o755)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
