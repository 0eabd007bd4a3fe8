"""What can be wrong with market input.

MarketDataError (perptape.core.errors)   market input cannot be used as given
├── MarketFileError             one file: unreadable, unknown, damaged, or out of order
├── MarketOverlapError          two files of one symbol and kind cover the same time
├── MarketChangedError          a resumed recording was given other input than it began with
└── ConditionsError             synthetic conditions that no market can have

Every message is one line: what happened, with which value and where, then what to do.
"""

from pathlib import Path

from perptape.core.errors import MarketDataError


class MarketFileError(MarketDataError):
    """One file cannot be read as a market file.

    `where` is the place inside the file ("line 17", "item 3", "row 9"), `field` the column; both are None
    for a fault of the whole file.
    """

    def __init__(
        self, path: Path, problem: str, remedy: str, *, where: str | None = None, field: str | None = None
    ) -> None:
        """Compose the one line a user reads."""
        place = ", ".join(part for part in (str(path), where, field) if part)
        line = f"{place}: {problem}; {remedy}"
        super().__init__(line.replace("\r", " ").replace("\n", " "))
        self.path = path
        self.problem = problem
        self.remedy = remedy
        self.where = where
        self.field = field


class MarketOverlapError(MarketDataError):
    """Two files of one symbol and kind cover the same time, so one of them would be counted twice."""

    def __init__(self, subject: str, earlier: Path, later: Path, *, earlier_until: str, later_from: str) -> None:
        """Name both files and the overlapping times; `subject` is the symbol and the kind."""
        super().__init__(
            f"{subject}: {earlier} reaches {earlier_until} but {later} begins at {later_from}; "
            "files must not overlap (drop one, or cut it)"
        )
        self.subject = subject
        self.earlier = earlier
        self.later = later


class MarketChangedError(MarketDataError):
    """A recording is resumed with market input that differs from what it began with."""

    def __init__(self, differences: tuple[str, ...]) -> None:
        """List what differs."""
        super().__init__(
            f"the market input differs from the one this recording started with ({'; '.join(differences)}); "
            "resume with the same files and options, or start a new recording"
        )
        self.differences = differences


class ConditionsError(MarketDataError):
    """Synthetic conditions that no market can have; the message names the setting and its bounds."""
