"""A background task: what it is called, what it does, and how often."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """Work that goes on beside the bot's turns.

    With an interval, `work` is called every `every_s` seconds; without one it goes on for ever, or until it has done
    all there is to do.
    """

    name: str
    work: Callable[[], Awaitable[None]]
    every_s: float | None = None


class Crash(NamedTuple):
    """A task raised. It begins anew after a wait."""

    task: str
    error: str
    """Type and message, on one line."""
    crashes: int
    """How many in a row, this one included; a healthy minute ends the row."""
    restart_after_ns: int


class TaskStatus(NamedTuple):
    """How a task is doing."""

    name: str
    runs: int
    """How often it was called."""
    running: bool
    ended: bool
    """It has done all there is to do, or was stopped."""
    crashes: int
    """In all."""
    last_run_ns: int | None
    """When it was last called, by the supervisor's monotonic clock."""
