"""The port of a feed: what the venue says unasked."""

from typing import Protocol

from perptape.core.events import Observation


class Feed(Protocol):
    """Messages of a venue, one after the other."""

    async def next(self) -> Observation | None:
        """The next message, as soon as there is one; None when none will ever follow.

        Canceling the wait loses no message.
        """
        ...
