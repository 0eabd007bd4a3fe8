"""Reading by time. A store does not promise that times within a stream never go back: that is its writers' business.

So nothing here searches by halves: a time is looked for in every event that could have it. An index would make that
quick and every append slower, for a question that is seldom asked. Each query looks through a limited span of versions,
so that no statement runs for long, however long the stream is.
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, case, func, select

from perptape.eventstore.envelope import Envelope
from perptape.eventstore.place import place_of
from perptape.eventstore.reading import Source, whole_pages
from perptape.eventstore.tables import EVENTS

SPAN = 100_000
"""Versions looked through by one query: some hundredths of a second."""


def version_not_later(source: Source, after: int, upto: int, at_ns: int) -> int | None:
    """The last version after one and up to another whose `at_ns` is not later; None when there is none.

    It looks from the end backwards.
    """
    while upto > after:
        first = max(upto - SPAN, after)
        statement = (
            select(EVENTS.c.version)
            .where(*_within(source, first, upto), EVENTS.c.at_ns <= at_ns)
            .order_by(EVENTS.c.place.desc())
            .limit(1)
        )
        with source.database.reading() as connection:
            version: int | None = connection.execute(statement).scalar_one_or_none()
        if version is not None:
            return version
        upto = first
    return None


def events_between(source: Source, after: int, upto: int, from_ns: int, to_ns: int) -> Iterator[Envelope]:
    """The events after a version, up to another, whose time is `from_ns` or later and before `to_ns`.

    Raises DamagedError where one is missing: it might have been one of them.
    """
    while after < upto:
        last = min(after + SPAN, upto)
        held, bounds = _bounds(source, after, last, from_ns, to_ns)
        if held < last - after:
            bounds = (after + 1, last)  # reading them all says which is missing
        if bounds is not None:
            for page in whole_pages(source, bounds[0] - 1, bounds[1]):
                yield from (envelope for envelope in page if from_ns <= envelope.at_ns < to_ns)
        after = last


def _bounds(source: Source, after: int, upto: int, from_ns: int, to_ns: int) -> tuple[int, tuple[int, int] | None]:
    """How many events lie there, and the first and last version of those whose time is wanted."""
    wanted = case((and_(EVENTS.c.at_ns >= from_ns, EVENTS.c.at_ns < to_ns), EVENTS.c.version))
    statement = select(func.count(), func.min(wanted), func.max(wanted)).where(*_within(source, after, upto))
    with source.database.reading() as connection:
        held, first, last = connection.execute(statement).one()
    return held, None if first is None else (first, last)


def _within(source: Source, after: int, upto: int) -> tuple[ColumnElement[bool], ...]:
    return (
        EVENTS.c.place > place_of(source.stream_id, after),
        EVENTS.c.place <= place_of(source.stream_id, upto),
    )
