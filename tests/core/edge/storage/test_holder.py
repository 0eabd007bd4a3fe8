"""A process has surely ended only if it ran where this one runs, and its number is nobody's or another's now."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perptape.core.edge.storage import holder as process
from perptape.core.edge.storage.holder import is_known_dead, this_process

ROOT = Path(__file__).parents[4]
PROGRAM = (
    "from perptape.core.edge.storage.holder import this_process; print(this_process('a child'), flush=True); input()"
)


@contextmanager
def child() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Another process that waits, and how it names itself."""
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().rstrip("\n"), running
        finally:
            running.kill()


def test_a_process_names_its_command_host_and_number() -> None:
    named = this_process("perptape record")

    assert re.fullmatch(rf"perptape record, host \S+, pid {os.getpid()} \(started \d+ in [0-9a-f]{{16}}\)", named)
    assert this_process("perptape record") == named


def test_this_process_has_not_ended() -> None:
    assert not is_known_dead(this_process("perptape"))


def test_another_process_has_ended_once_it_was_killed_and_waited_for() -> None:
    with child() as (named, running):
        assert not is_known_dead(named)
        running.kill()
        running.wait()

        assert is_known_dead(named)


def test_a_paused_process_has_not_ended() -> None:
    with child() as (named, running):
        running.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, running.pid, os.WSTOPPED)

        assert not is_known_dead(named)


def test_a_process_that_nobody_waited_for_has_ended() -> None:
    with child() as (named, running):
        running.kill()
        os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOWAIT)

        assert is_known_dead(named)


def test_a_number_that_another_process_has_now_is_not_the_one_that_ended() -> None:
    named = this_process("perptape")

    assert is_known_dead(re.sub(r"started \d+", "started 1", named))


def test_of_a_process_that_ran_elsewhere_nothing_is_sure() -> None:
    with child() as (named, running):
        running.kill()
        running.wait()

        assert not is_known_dead(re.sub(r"in [0-9a-f]{16}", "in 0123456789abcdef", named))


@pytest.mark.parametrize(
    "holder", ["", "somebody", "perptape, host a, pid 1", f"pid {2**70} (started 1 in {'0' * 16})"]
)
def test_of_a_holder_that_is_named_otherwise_nothing_is_sure(holder: str) -> None:
    assert not is_known_dead(holder)


def test_where_the_system_does_not_tell_nothing_is_sure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with child() as (named, running):
        running.kill()
        running.wait()
        monkeypatch.setattr(process, "_PROC", tmp_path)

        assert not is_known_dead(named)
        assert re.fullmatch(rf"perptape, host \S+, pid {os.getpid()}", this_process("perptape"))


def test_a_process_whose_start_is_hidden_has_not_surely_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with child() as (named, _):
        monkeypatch.setattr(process, "_started", lambda _pid: None)

        assert not is_known_dead(named)


def test_the_command_of_a_process_may_hold_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = tmp_path / "7" / "stat"
    stat.parent.mkdir()
    stat.write_text(f"7 (a) Z (b) S {' '.join(str(field) for field in range(4, 53))}\n")
    monkeypatch.setattr(process, "_PROC", tmp_path)

    assert process._started(7) == "22"
