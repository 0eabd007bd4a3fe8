"""A replay's memory does not grow with the recording."""

import subprocess
import sys
from pathlib import Path

import pytest

from perptape.replays.bench.tape import Workload, recorded

REPLAY = """
import resource, sys
from pathlib import Path
from perptape.replays.proof.player import replay_file
assert replay_file(Path(sys.argv[1])).divergence is None
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
GROWTH_KB_MAX = 10_000


def peak_kb(recording: Path) -> int:
    """The largest resident memory of a process that replays the recording.

    A shell stands between, since a process counts the memory of the one that started it as its own.
    """
    command = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", REPLAY, str(recording)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.sweep
def test_ten_times_the_events_take_no_more_memory(tmp_path: Path) -> None:
    short, long = (recorded(Workload("quote", 100, 500, count), tmp_path) for count in (100_000, 1_000_000))
    assert peak_kb(long) - peak_kb(short) < GROWTH_KB_MAX
