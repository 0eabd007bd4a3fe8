"""Golden regression in pytest: every recording under the given paths is a test that holds it against its golden.

A `.jsonl` file is taken for a recording by its first bytes, so that collecting does not read it; a golden whose
recording is gone is a test that fails. `--golden-update` writes the goldens of the recordings that were selected,
by path, `-k` or node id, and of no others; it never deletes one. Works under xdist: each item is its own file.

The fixture `perptape_bot` is in `perptape.replays.testing.bot_fixture`.
"""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from perptape.replays.golden.names import GOLDEN_SUFFIX, RECORDING_SUFFIXES, golden_of, is_recording, recording_of

_WRITTEN = "perptape golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and settings."""
    group = parser.getgroup("perptape", "perptape goldens")
    group.addoption(
        "--golden-update", action="store_true", help="update the goldens of the selected recordings to today's results"
    )
    group.addoption(
        "--golden-because",
        metavar="TEXT",
        default="",
        help="with --golden-update: quote from the changelog entry that explains why decisions changed",
    )
    parser.addini(
        "perptape_recordings",
        "glob patterns of recordings to collect as tests, relative to the root folder; default: all",
        type="args",
        default=["*"],
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker of the tests that recordings are, and the fixture `perptape_bot`."""
    config.addinivalue_line("markers", "golden: a recording checked against its golden")
    plugins = {getattr(plugin, "__name__", "") for plugin in config.pluginmanager.get_plugins()}
    fixture = "bot_fixture" if "pytest_asyncio.plugin" in plugins else "without_asyncio"
    config.pluginmanager.register(import_module(f"perptape.replays.testing.{fixture}"), "perptape_bot")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A recording, or a golden without one, is a file of one test."""
    name = file_path.name
    if not name.endswith((GOLDEN_SUFFIX, *RECORDING_SUFFIXES)) or not _wanted(file_path, parent.config):
        return None
    if name.endswith(GOLDEN_SUFFIX):
        if recording_of(file_path) is not None:
            return None
    elif not golden_of(file_path).exists() and not is_recording(file_path):
        return None
    return RecordingFile.from_parent(parent, path=file_path)


def _wanted(path: Path, config: pytest.Config) -> bool:
    try:
        place = path.relative_to(config.rootpath).as_posix()
    except ValueError:
        return True
    patterns: Iterable[str] = config.getini("perptape_recordings")
    return any(fnmatch(place, pattern) for pattern in patterns)


class RecordingFile(pytest.File):
    """A recording, or a golden without one."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its one test."""
        yield GoldenItem.from_parent(self, name="golden")


class NotAsGoldenError(Exception):
    """The recording is not as its golden says; the text tells how."""


class GoldenItem(pytest.Item):
    """Hold one recording against its golden."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker(pytest.mark.golden)

    def runtest(self) -> None:
        """Check, or with `--golden-update` accept first."""
        from perptape.core.errors import PerptapeError  # noqa: PLC0415 - pytest starts without it
        from perptape.replays.golden.accept import accept  # noqa: PLC0415 - pytest starts without it
        from perptape.replays.golden.check import check, found_in  # noqa: PLC0415 - pytest starts without it
        from perptape.replays.golden.text import accepted_text, checked_text  # noqa: PLC0415 - pytest starts without it

        try:
            [recording] = found_in([self.path])
            if self.config.getoption("--golden-update") and recording.exists():
                done = accept(recording, because=str(self.config.getoption("--golden-because")))
                if done.change != "same":
                    self.user_properties.append((_WRITTEN, accepted_text(done)))
            checked = check(recording)
        except PerptapeError as fault:
            raise NotAsGoldenError(str(fault)) from fault
        if not checked.ok:
            raise NotAsGoldenError(checked_text(checked))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The differences, without a traceback."""
        if isinstance(excinfo.value, NotAsGoldenError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """How the test is called in reports."""
        return self.path, None, f"golden: {self.path.name}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which goldens were written."""
    told = [
        str(text)
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, text in getattr(report, "user_properties", ())
        if name == _WRITTEN
    ]
    if told:
        terminalreporter.section("goldens written")
        for text in told:
            terminalreporter.write_line(text)
