"""Health: what an operator, or a program that watches, wants to know of a running bot, in a small file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from perptape.core.durations import MILLISECOND_NS
from perptape.core.edge.live.background_task import TaskStatus
from perptape.core.state import State


def health(
    state: State, tasks: Iterable[TaskStatus], *, at_ns: int, monotonic_ns: int, stopped: str = ""
) -> dict[str, Any]:
    """The bot's health at a receipt time, and at the same moment of the supervisor's clock, in ns.

    `stopped` says why the session is over; it is empty while it goes on.
    """
    return {
        "at_ns": at_ns,
        "session": state.session,
        "version": state.version,
        "mode": state.mode,
        "last_event_at_ns": state.at_ns,
        "lost_channels": state.lost_channels,
        "stopped": stopped,
        "tasks": {task.name: _task(task, monotonic_ns) for task in tasks},
    }


def write_health(path: Path, told: dict[str, Any]) -> None:
    """Put it into the file as a whole: who reads finds the old one or the new one."""
    scratch = path.with_name(path.name + ".new")
    scratch.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    scratch.replace(path)


def _task(task: TaskStatus, monotonic_ns: int) -> dict[str, Any]:
    last_ns = task.last_run_ns
    return {
        "last_run_ms_ago": None if last_ns is None else (monotonic_ns - last_ns) // MILLISECOND_NS,
        "runs": task.runs,
        "crashes": task.crashes,
        "running": task.running,
        "ended": task.ended,
    }
