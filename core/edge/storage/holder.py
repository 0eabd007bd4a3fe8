"""Which process this is, in words for people, and whether a process of that name has surely ended.

A process can be looked for only in the place where it ran: the same boot of the same machine, and the same namespaces
of process numbers and times, of which each container has its own. There a number is not enough, since numbers are used
again, but the number and the moment of the start are. Linux tells all this in `/proc` (proc(5), namespaces(7)); where
it does not, no process has surely ended.
"""

import os
import platform
import re
from hashlib import sha256
from pathlib import Path

_PROC = Path("/proc")
_BOOT_ID = _PROC / "sys/kernel/random/boot_id"
_NAMESPACES = ("pid", "time")
_NAMED = re.compile(r"pid (\d+) \(started (\d+) in ([0-9a-f]{16})\)$")
_OVER = frozenset("ZX")
"""States of a process that has ended and whose parent has not asked for it yet."""


def this_process(command: str) -> str:
    """This process as the holder of something: its command, host and number, and what finds it again."""
    pid = os.getpid()
    named = f"{command}, host {platform.node() or 'unnamed'}, pid {pid}"
    place, started = _place(), _started(pid)
    return f"{named} (started {started} in {place})" if place and started is not None else named


def is_known_dead(holder: str) -> bool:
    """Whether a process named by `this_process` ran where this one runs, and runs no more. False when in doubt."""
    named = _NAMED.search(holder)
    if named is None or named[3] != _place():
        return False
    pid = int(named[1])
    try:
        os.kill(pid, 0)  # asks whether it is there; /proc may hide the processes of other users
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    started = _started(pid)
    return started is not None and started != named[2]


def _place() -> str:
    """A digest of the boot and the namespaces; empty where they cannot be told."""
    try:
        if (_PROC / "self").readlink() != Path(str(os.getpid())):  # the /proc of another namespace
            return ""
        namespaces = [str((_PROC / "self/ns" / name).readlink()) for name in _NAMESPACES]
        boot_id = _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""
    return sha256(" ".join((boot_id, *namespaces)).encode()).hexdigest()[:16]


def _started(pid: int) -> str | None:
    """When the process started, in ticks of the kernel since the boot; empty if it is over, None if nobody says."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    # The second field is the command in parentheses, and may hold anything.
    state, *fields = stat.rpartition(")")[2].split()
    threads, started = int(fields[16]), fields[18]
    return "" if state in _OVER and threads <= 1 else started
