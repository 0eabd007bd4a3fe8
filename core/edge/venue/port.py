"""The ports of a venue: its feed, which is what it says unasked, and the whole of it, broker and feed together."""

from typing import Protocol

from perptape.core.events import Observation
from perptape.core.ports import Broker


class Feed(Protocol):
    """Messages of a venue, one after the other."""

    async def next(self) -> Observation | None:
        """The next message, as soon as there is one; None when none will ever follow.

        Canceling the wait loses no message.
        """
        ...


class Venue(Broker, Feed, Protocol):
    """A venue as a live bot needs it: it is asked by calls, and heard by its feed."""
