"""The tutorial of docs/scenarios.md, taken apart: files to write, lines to change, commands with what they print."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.house.layout import ROOT

PAGE = ROOT / "docs" / "scenarios.md"
BEGIN, END = "## A strategy, a scenario, a golden: step by step", "## The language"
_FAILING = ("differs from its golden", "DIVERGED at", "differs and was not replaced")
_SECONDS = re.compile(r"\d+\.\d+ ?s\b")


class File(NamedTuple):
    """A file that the reader is told to write."""

    name: str
    text: str

    def do(self, folder: Path) -> None:
        """Write it."""
        (folder / self.name).write_text(self.text, encoding="utf-8")


class Edit(NamedTuple):
    """A line that the reader is told to change."""

    name: str
    old: str
    new: str

    def do(self, folder: Path) -> None:
        """Change it where it stands, once."""
        path = folder / self.name
        text = path.read_text(encoding="utf-8")
        assert text.count(self.old) == 1, f"{self.name} does not hold the line once: {self.old}"
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


class Command(NamedTuple):
    """A command, and the lines that it is said to print."""

    line: str
    printed: tuple[str, ...]

    @property
    def status(self) -> int:
        """1 where a difference is shown."""
        return 1 if any(words in line for line in self.printed for words in _FAILING) else 0

    def differs(self, out: str) -> str:
        """What is otherwise in the lines that came out; nothing when all is as said, but for times."""
        found = [_SECONDS.sub("T", line.rstrip()) for line in out.splitlines()]
        said = [_SECONDS.sub("T", line) for line in self.printed]
        return "" if _match(said, found) else f"$ {self.line}\nsays:\n{out}\nand not:\n" + "\n".join(self.printed)


Step = File | Edit | Command


def steps(page: str) -> Iterator[Step]:
    """Everything that the page tells the reader to do, in order."""
    told = page[page.index(BEGIN) : page.index(END)]
    parts = told.split("\n```")
    for before, block in zip(parts[::2], parts[1::2], strict=False):
        kind, _, text = f"{block}\n".partition("\n")
        if kind == "console":
            yield from commands(text)
            continue
        [*_, name] = re.findall(r"`([\w/.]+\.\w+)`", before)
        if kind == "diff":
            old, new = text.splitlines()
            assert (old[0], new[0]) == ("-", "+")
            yield Edit(name, old[1:], new[1:])
        else:
            yield File(name, text)


def commands(text: str) -> Iterator[Command]:
    """The commands of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *printed = part.splitlines()
        yield Command(line, tuple(printed))


def _match(said: list[str], found: list[str]) -> bool:
    """Whether lines are as said: `…` alone stands for any lines, at the end of a line for the rest of it."""
    if not said:
        return not found
    first, *rest = said
    if first.strip() == "…":
        return any(_match(rest, found[skipped:]) for skipped in range(len(found) + 1))
    if not found:
        return False
    same = found[0].startswith(first[:-1]) if first.endswith("…") else found[0] == first
    return same and _match(rest, found[1:])
