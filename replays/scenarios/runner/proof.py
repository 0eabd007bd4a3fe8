"""Proving a scenario: it runs, replays, rebuilds, records again identically, and meets its expectations by name."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from perptape.core.codec import decode_line, encode_body
from perptape.core.errors import PerptapeError
from perptape.core.events import StateDigestRecorded, StrategyFailed
from perptape.core.state_schema import state_schema
from perptape.replays.evidence.expectation import Expectation, UnmetError
from perptape.replays.evidence.run import Run
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.verify import verify
from perptape.replays.scenarios.language.errors import in_one_line
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.runner.play import Played, play
from perptape.replays.tape.decompression import whole_content
from perptape.replays.tape.header import BODY


class Proved(Struct, frozen=True):
    """What came of one row."""

    id: str
    name: str
    ok: bool
    events: int
    decisions: int
    seconds: float
    failures: tuple[str, ...] = ()
    """What does not hold, each in one line."""

    @property
    def failure(self) -> str | None:
        """All of it, or None."""
        return "; ".join(self.failures) or None


def unmet(run: Run, expectations: Sequence[Expectation]) -> Iterator[str]:
    """Those expectations that the run does not meet, each with what was found; then what a strategy raised."""
    missed = False
    for expectation in expectations:
        try:
            expectation.check(run)
        except UnmetError as fault:
            missed = True
            yield f"not met: {expectation.name}: {fault}"
        except Exception as fault:  # whatever an expectation stumbles over is not as it expects
            missed = True
            place = Path(getattr(getattr(expectation.check, "__code__", None), "co_filename", ""))
            yield f"not met: {expectation.name}: {in_one_line(fault, place)}"
    if missed:
        yield from (f"{failed.strategy} raised: {failed.error}" for failed in run.all(StrategyFailed))


def prove(scenario: Scenario, recording: Path | None = None) -> Proved:
    """Run a scenario and check everything; `recording` is the committed one, which must come out the same."""
    started = time.perf_counter()
    try:
        played = play(scenario)
    except Exception as fault:  # whatever a row raises is its failure, and the others are run all the same
        said = f"it cannot be played: {fault if isinstance(fault, PerptapeError) else in_one_line(fault)}"
        return Proved(scenario.id, scenario.name, False, 0, 0, time.perf_counter() - started, (said,))
    failures = list(unmet(played.run, scenario.verifies))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{scenario.title}.jsonl"
        played.write(path)
        failures += _not_proved(path)
    if recording is not None:
        failures += not_the_same(played, recording)
    elif played.run.tape != play(scenario).run.tape:
        failures.append("recording it again gives other events")
    decisions = sum(line.cause is not None for line in played.run.tape)
    seconds = time.perf_counter() - started
    return Proved(scenario.id, scenario.name, not failures, len(played.run.tape), decisions, seconds, tuple(failures))


def _not_proved(path: Path) -> list[str]:
    failures = []
    replay = replay_file(path)
    if replay.divergence is not None:
        failures.append(f"replay diverges at version {replay.divergence.version}: {replay.divergence.reason}")
    verified = verify(str(path), "")
    if not verified.ok:
        bad = verified.first_bad
        failures.append(f"it does not verify: version {bad.version}, {bad.reason}" if bad else "it does not verify")
    if verified.cold != replay.state_digest:
        failures.append("the rebuilt state is not the replayed one")
    return failures


def not_the_same(played: Played, recording: Path) -> list[str]:
    """In which event a committed recording differs from what was played now; header and provenance may differ.

    A setting that the recording does not have yet has its default, and so a new one that is off changes nothing.
    """
    if not recording.exists():
        return [f"{recording.name} is not recorded yet: perptape scenarios record {played.scenario.id}"]
    with TemporaryDirectory() as folder:
        now = Path(folder) / "now.jsonl"
        played.write(now)
        fresh, kept = (text.splitlines(keepends=True)[1:-1] for text in (now.read_bytes(), whole_content(recording)))
    for version, (one, other) in enumerate(zip(fresh, kept, strict=False), 1):
        if not _same_event(one, other, version):
            return [f"recording it again differs from {recording.name} at version {version}"]
    if len(fresh) != len(kept):
        return [f"recording it again gives {len(fresh)} events, {recording.name} holds {len(kept)}"]
    return []


def _same_event(now: bytes, kept: bytes, version: int) -> bool:
    """Whether two lines hold the same event, once the kept one is read in today's form. Hashes follow from the rest."""
    if now == kept or now[BODY] == kept[BODY]:
        return True
    line = decode_line(kept)
    if isinstance(line.data, StateDigestRecorded) and line.data.state_schema != state_schema():
        return isinstance(decode_line(now).data, StateDigestRecorded)
    return encode_body(version, line.data, line.at_ns, line.cause) == now[BODY]
