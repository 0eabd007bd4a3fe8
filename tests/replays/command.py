"""The command line, run in this process: what it prints and the status it exits with."""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from perptape import cli


class Answer(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that was printed."""
        return self.out + self.err

    @property
    def data(self) -> Any:
        """What was printed, as JSON."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line on standard error of a command that could not run, and that printed nothing else."""
        assert (self.status, self.out) == (2, "")
        [line] = self.err.splitlines()
        assert line.startswith("perptape: ")
        assert self.err.endswith("\n")
        return line.removeprefix("perptape: ")


def perptape(*arguments: str | Path) -> Answer:
    """Run `perptape` with these arguments. Whatever it raises but its exit comes through and fails the test."""
    before = sys.argv
    sys.argv = ["perptape", *map(str, arguments)]
    try:
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            try:
                cli.main()
            except SystemExit as leaving:
                return Answer(int(leaving.code or 0), out.getvalue(), err.getvalue())
    finally:
        sys.argv = before
    raise AssertionError("the command line always leaves with a status")
