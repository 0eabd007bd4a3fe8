"""How a command ends: its result on standard output, its errors as one line on standard error, and its exit status."""

import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any, NoReturn

import typer

from perptape.core.errors import PerptapeError
from perptape.eventstore.errors import EventStoreError

_STOPPED = "interrupted; everything already stored is kept"
_INTERRUPTED = 130
"""What Typer returns when the keyboard stopped a command."""


def fail(message: str, status: int = 2) -> NoReturn:
    """One line on standard error, and the exit status."""
    sys.stderr.write(f"perptape: {' '.join(message.split(chr(10)))}\n")
    raise SystemExit(status)


def run_guarded(app: Callable[..., Any]) -> NoReturn:
    """Run a command line; every expected error becomes one line and status 2."""
    _print_anything()
    try:
        status = app(standalone_mode=False)
    except typer.TyperException as error:
        fail(f"{error.format_message()} (see --help)")
    except (PerptapeError, EventStoreError) as error:
        fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        fail(_STOPPED)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    if status == _INTERRUPTED:
        fail(_STOPPED)
    raise SystemExit(status if isinstance(status, int) else 0)


def _print_anything() -> None:
    """Where the terminal's encoding lacks a character, such as an arrow, it is printed as its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
