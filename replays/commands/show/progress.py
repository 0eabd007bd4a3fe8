"""Progress on standard error, for people at a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]


@contextmanager
def progress_bar(title: str, start: int, end: int | None, *, quiet: bool = False) -> Iterator[Advance | None]:
    """A bar from `start` to `end` (bytes, or time in ns); None when nobody watches."""
    if quiet or end is None or end <= start or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - heavy, and only needed here
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn(title), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=end - start)
        yield lambda now: progress.update(task, completed=min(now, end) - start)
