"""A file of checkpoints, one a line, of any number of streams. It is only ever added to."""

import errno
import os
from pathlib import Path

from perptape.eventstore.checkpoint import Checkpoint, checkpoint_line, parse_checkpoint
from perptape.eventstore.errors import InvalidCheckpointError

_LINE_MAX = 100_000


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """Every checkpoint of the file, in order. Raises InvalidCheckpointError, which names the line."""
    found: list[Checkpoint] = []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LINE_MAX), b""), 1):
                if not line.endswith(b"\n"):
                    raise InvalidCheckpointError(f"{path}, line {number}: the line is truncated")
                try:
                    found.append(parse_checkpoint(line))
                except InvalidCheckpointError as error:
                    raise InvalidCheckpointError(f"{path}, line {number}: not a checkpoint: {error}") from error
    except (OSError, ValueError) as error:  # a name that no file can have is a ValueError
        said = error.strerror if isinstance(error, OSError) else "this is not a valid file name"
        raise InvalidCheckpointError(f"{path}: cannot be read: {said}") from error
    if not found:
        raise InvalidCheckpointError(f"{path}: contains no checkpoint")
    return found


def append_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Add a checkpoint in one write, durably; makes the file. Raises InvalidCheckpointError; nothing is left then."""
    try:
        is_new = not path.exists()
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            _append(opened, checkpoint_line(checkpoint))
        except OSError:
            if is_new:
                path.unlink()
            raise
        finally:
            os.close(opened)
    except OSError as error:
        raise InvalidCheckpointError(f"{path}: cannot be written: {error.strerror or error}") from error


def _append(opened: int, line: bytes) -> None:
    before = os.fstat(opened).st_size
    try:
        if os.write(opened, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(opened)
    except OSError:
        os.ftruncate(opened, before)  # half a line would spoil the file
        raise
