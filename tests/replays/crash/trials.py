"""Trials: a session is recorded and killed, once or again and again, then finished, and held against its promises.

A process of its own, with one thread, so that forking is safe and cheap:
`python -m tests.replays.crash.trials SESSION KILLS…`, each of KILLS the kills of one trial, joined by commas: numbers
of moments, or, written with a point, the share of the time that a run takes here when nobody kills it, after which the
process is killed from outside. Prints, as JSON, the moments of a run that is not killed and what every trial broke.
"""

import os
import select
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from perptape.replays.commands.demo import essence
from perptape.replays.record import Plan, record
from tests.replays.crash.moments import Moments
from tests.replays.crash.promises import broken, is_finished
from tests.replays.crash.sessions import SESSIONS, plan

OUTPUT = "session.jsonl"
Kill = int | float
"""A moment, or a share of the time that a run takes."""
NOT_REACHED = 3
"""Exit status of a process that came to its end before the moment at which it was to be killed."""
SEE = "its traceback is on standard error"


class Outcome(Struct):
    """What a batch of trials found."""

    moments: list[str]
    killed: int
    """How many processes were killed."""
    failures: list[str]


class _Unkilled(NamedTuple):
    """A run that nobody kills."""

    moments: list[str]
    essence: dict[str, Any]
    seconds: float


def run_trials(session: str, trials: Sequence[Sequence[Kill]]) -> Outcome:
    """Record without a kill, then each trial with its kills."""
    with TemporaryDirectory(prefix="perptape-crash-") as scratch:
        unkilled = _unkilled(Path(scratch) / "unkilled", session)
        moments = unkilled.moments
        outcome = Outcome(moments, 0, [])
        for number, kills in enumerate(trials):
            folder = Path(scratch) / str(number)
            failures = _trial(folder, session, kills, unkilled, outcome)
            outcome.failures += [f"{session} killed at {_named(kills, moments)}: {failure}" for failure in failures]
            shutil.rmtree(folder)
    return outcome


def _named(kills: Sequence[Kill], moments: Sequence[str]) -> str:
    first = moments[kills[0]] if isinstance(kills[0], int) and kills[0] < len(moments) else "from outside"
    return f"{','.join(map(str, kills))} ({first})"


def _unkilled(folder: Path, session: str) -> _Unkilled:
    """A run that nobody kills; its moments are counted in a process of its own."""
    counted = folder / "counted" / "out"
    counted.mkdir(parents=True)
    moments = counted.parent / "moments.json"

    def count() -> int:
        watch = Moments(counted)
        record(_watched(session, watch), counted / OUTPUT, hooks=watch.hooks)
        watch.stop()
        moments.write_bytes(msgspec.json.encode(watch.passed))
        return 0

    _expect(_in_fork(count), 0)
    started = time.perf_counter()
    state = record(plan(session), folder / OUTPUT).state
    seconds = time.perf_counter() - started
    return _Unkilled(msgspec.json.decode(moments.read_bytes(), type=list[str]), essence(state), seconds)


def _watched(session: str, watch: Moments) -> Plan:
    return watch.counting(plan(session)) if SESSIONS[session].by_point else plan(session)


def _trial(folder: Path, session: str, kills: Sequence[Kill], unkilled: _Unkilled, outcome: Outcome) -> list[str]:
    out = folder / "out"
    out.mkdir(parents=True)

    def killed(kill: Kill) -> int:
        watch = Moments(out, kill if isinstance(kill, int) else None)
        record(_watched(session, watch), out / OUTPUT, hooks=watch.hooks)
        return NOT_REACHED

    def finished() -> int:
        found = broken(plan(session), out, OUTPUT, unkilled.essence if SESSIONS[session].same_as_unkilled else None)
        (folder / "broken.json").write_bytes(msgspec.json.encode(found))
        return 0

    for kill in kills:
        status = _in_fork(partial(killed, kill), None if isinstance(kill, int) else kill * unkilled.seconds)
        if status == NOT_REACHED:
            break
        if status != -signal.SIGKILL:
            return [f"the process that was to be killed at {kill} ended with {status}; {SEE}"]
        outcome.killed += 1
        if is_finished(out, OUTPUT):
            break
    status = _in_fork(finished)
    if status:
        return [f"the process that was to finish ended with {status}; {SEE}"]
    return msgspec.json.decode((folder / "broken.json").read_bytes(), type=list[str])


def _in_fork(work: Callable[[], int], kill_after_s: float | None = None) -> int:
    """Do this in a copy of the process; its exit status, or minus the signal that ended it."""
    sys.stdout.flush()
    sys.stderr.flush()
    ended, lives = os.pipe()
    child = os.fork()
    if child:
        os.close(lives)
        # The pipe ends with the copy; when it has not ended in time, the copy is killed wherever it is.
        if kill_after_s is not None and not select.select([ended], [], [], kill_after_s)[0]:
            os.kill(child, signal.SIGKILL)
        os.close(ended)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        status = work()
    except BaseException:  # whatever it is: the copy must not go on as if it were the original
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _expect(status: int, expected: int) -> None:
    if status != expected:
        raise AssertionError(f"the process ended with {status}, not {expected}")


if __name__ == "__main__":
    batch = [[float(kill) if "." in kill else int(kill) for kill in kills.split(",")] for kills in sys.argv[2:]]
    sys.stdout.buffer.write(msgspec.json.encode(run_trials(sys.argv[1], batch)))
