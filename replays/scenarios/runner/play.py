"""Playing a scenario to its end."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from perptape.core.ports import LoggedEvent
from perptape.eventstore.envelope import body
from perptape.eventstore.memory import MemoryStore
from perptape.eventstore.port import Store
from perptape.replays.evidence.run import Run
from perptape.replays.record import STREAM
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.runner.session import Staging
from perptape.replays.tape.header import Header
from perptape.replays.tape.writer import RecordingWriter


class Played(Struct, frozen=True):
    """A scenario that was played: what happened, and what makes a recording of it."""

    scenario: Scenario
    run: Run
    header: Header
    moments: Sequence[str]
    """The moments at which the process could have been killed."""

    def write(self, path: Path) -> None:
        """Write the recording."""
        with RecordingWriter(path, self.header) as writer:
            for line in self.run.tape:
                writer.write(body(line.version, line[1:6]))


def play(scenario: Scenario, *, store: Store | None = None, kills: Sequence[int] = ()) -> Played:
    """Run the scenario to its end, on a store of its own unless one is given.

    `kills` are ordinals of moments (`Played.moments`) at which the process dies without a word and another one takes
    over. Raises SimulationError for a script that cannot be.
    """
    kept = MemoryStore() if store is None else store
    staging = Staging(scenario, kept, kills)
    asyncio.run(_through(staging))
    return Played(scenario, run_of(staging, kept), staging.header, staging.moments.passed)


async def _through(staging: Staging) -> None:
    await staging.begin()
    await staging.end()


def run_of(staging: Staging, store: Store) -> Run:
    """What has happened, as far as the store holds it."""
    tape = [LoggedEvent._make(envelope[:6]) for envelope in store.read(STREAM)]
    return Run(
        tape,
        staging.nonce,
        staging.exchange.state,
        staging.calls,
        start_ns=staging.scenario.start_ns,
        log_refusals=staging.log_refusals,
    )
