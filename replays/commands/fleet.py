"""Many replays: one after the other, or several at a time in processes of their own."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from perptape.core.errors import PerptapeError
from perptape.eventstore.errors import EventStoreError
from perptape.replays.commands.show.progress import progress_bar
from perptape.replays.proof.player import Replay, replay_file, replay_stream
from perptape.replays.proof.strategy_code import Trust
from perptape.replays.tape.source import file_size, is_file


def replay_files(
    files: Sequence[Path], *, jobs: int, go_on: bool, quiet: bool, store_url: str, trust: Trust
) -> tuple[list[Replay], list[str]]:
    """Replay every file, in order; what could not be replayed at all comes back as one line each.

    What is no file is a stream of the store at `store_url`.
    """
    results: list[Replay] = []
    faults: list[str] = []
    for outcome in _outcomes(files, store_url, trust, jobs=jobs, go_on=go_on, quiet=quiet):
        if isinstance(outcome, Replay):
            results.append(outcome)
        else:
            faults.append(outcome)
    return results, faults


def _outcomes(
    files: Sequence[Path], store_url: str, trust: Trust, *, jobs: int, go_on: bool, quiet: bool
) -> Iterator[Replay | str]:
    if jobs > 1 and len(files) > 1:
        with ProcessPoolExecutor(min(jobs, len(files)), mp_context=get_context("spawn")) as pool:
            yield from pool.map(partial(_replay, store_url=store_url, trust=trust, go_on=go_on, quiet=True), files)
        return
    for file in files:
        yield _replay(file, store_url=store_url, trust=trust, go_on=go_on, quiet=quiet)


def _replay(file: Path, *, store_url: str, trust: Trust, go_on: bool, quiet: bool) -> Replay | str:
    try:
        if not is_file(str(file)):
            return replay_stream(str(file), store_url, go_on=go_on, trust=trust)
        with progress_bar(f"replaying {file.name}", 0, file_size(str(file)), quiet=quiet) as advance:
            return replay_file(file, go_on=go_on, progress=advance, trust=trust)
    except (PerptapeError, EventStoreError) as error:
        return str(error)
