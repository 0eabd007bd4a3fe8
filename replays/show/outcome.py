"""How a command ends: its result on standard output, its errors as one line on standard error, and its exit status."""

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer

from core.errors import PerptapeError
from eventstore.errors import EventStoreError

_UsageError, _CommandLineError = typer.BadParameter.mro()[1:3]
"""Typer carries a copy of click of its own and names only some of its errors; these are the bases of them all."""


def fail(message: str, status: int = 2) -> NoReturn:
    """One line on standard error, and the exit status."""
    sys.stderr.write(f"perptape: {' '.join(message.split(chr(10)))}\n")
    raise SystemExit(status)


def run_guarded(app: Callable[..., Any]) -> NoReturn:
    """Run a command line; every expected error becomes one line and status 2."""
    try:
        status = app(standalone_mode=False)
    except _CommandLineError as error:
        fail(f"{error.format_message()} (see --help)" if isinstance(error, _UsageError) else str(error))
    except (PerptapeError, EventStoreError) as error:
        fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        fail("stopped by the keyboard; what was durable is kept")
    except BrokenPipeError:
        raise SystemExit(2) from None
    raise SystemExit(status if isinstance(status, int) else 0)
