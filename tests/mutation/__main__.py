"""`python -m tests.mutation`: judge a sample and say which mutants nobody noticed."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from perptape.replays.scenarios.catalogue import drills, scenarios
from tests.mutation.facts import noticed
from tests.mutation.judge import Verdict, judge, played, unmet_under
from tests.mutation.mutant import Mutant, files, mutants_of, sample

ROUND = 24
"""How many mutants are tried before it is looked which rows are still without one."""


def main() -> int:
    """Judge, report, and fail below the share that is asked for."""
    parser = argparse.ArgumentParser(description="Which changes of behaviour do the catalogue's expectations notice?")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--least", type=float, default=0.8, help="share that expectations must notice")
    parser.add_argument("--file", default="", help="all mutants of one file instead of a sample")
    parser.add_argument(
        "--each-row", action="store_true", help="what breaks each row of the catalogue: a mutant, or an altered fact"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.each_row:
        whole = tell_rows(broken_rows(options.seed, options.jobs))
        return 0 if tell_drills() and whole else 1
    chosen = mutants_of(options.file) if options.file else sample(options.seed, options.count)
    verdicts = judged(chosen, options.jobs)
    if options.json:
        print(json.dumps([{**v._asdict(), "mutant": v.mutant.title} for v in verdicts], indent=1, ensure_ascii=False))
    else:
        tell(verdicts)
    return 0 if share(verdicts) >= options.least and not missed_by_bytes(verdicts) else 1


def judged(chosen: list[Mutant], jobs: int) -> list[Verdict]:
    """Judge mutants in processes of their own, with progress on standard error."""
    started = time.monotonic()
    baseline = played()
    verdicts = []
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for verdict in pool.map(partial(judge, baseline=baseline), chosen, chunksize=4):
            verdicts.append(verdict)
            if len(verdicts) % 50 == 0:
                noticed = share(verdicts)
                took = time.monotonic() - started
                sys.stderr.write(f"{len(verdicts)} of {len(chosen)} judged, {noticed:.1%} noticed, {took:.0f} s\n")
    return verdicts


def share(verdicts: list[Verdict]) -> float:
    """Which part was noticed."""
    return sum(verdict.fate != "survived" for verdict in verdicts) / len(verdicts)


def missed_by_bytes(verdicts: list[Verdict]) -> list[Verdict]:
    """Mutants that change a decision while recording the row again gives the same bytes: there must be none."""
    return [verdict for verdict in verdicts if verdict.decided_otherwise and not verdict.recorded_otherwise]


def missed_by_replays(verdicts: list[Verdict]) -> list[Verdict]:
    """Mutants that change a decision, and with which every recording replays and comes to what its golden says."""
    return [verdict for verdict in verdicts if verdict.decided_otherwise and not verdict.replayed_otherwise]


def tell(verdicts: list[Verdict]) -> None:
    """Survivors by file, then the figures."""
    for verdict in verdicts:
        if verdict.fate == "survived":
            changes = f"  (decides otherwise in {verdict.decided_otherwise})" if verdict.decided_otherwise else ""
            print(f"survived  {verdict.mutant.title}{changes}")
    for verdict in missed_by_bytes(verdicts):
        print(f"NOT NOTICED BY BYTES  {verdict.mutant.title}: {verdict.decided_otherwise}")
    for verdict in missed_by_replays(verdicts):
        print(f"not noticed by replaying  {verdict.mutant.title}: {verdict.decided_otherwise}")
    fates = Counter(verdict.fate for verdict in verdicts)
    print(
        f"{len(verdicts)} of {sum(len(mutants_of(file)) for file in files())} mutants: "
        f"{fates['expectation']} noticed by an expectation, {fates['broke down']} broke down, "
        f"{fates['survived']} survived; {share(verdicts):.1%} noticed"
    )
    deciding = sum(bool(verdict.decided_otherwise) for verdict in verdicts)
    print(
        f"{deciding} change a decision of a row that was played: recording it again gives other bytes for "
        f"{deciding - len(missed_by_bytes(verdicts))}, replaying the recordings diverges or comes to something else "
        f"for {deciding - len(missed_by_replays(verdicts))}"
    )


def broken_rows(seed: int, jobs: int) -> Iterator[tuple[str, Mutant, str]]:
    """For each recorded row a mutant under which an expectation of it is not met: row, mutant, what is said."""
    rest = {scenario.id for scenario in scenarios()}
    everything = sample(seed, sum(len(mutants_of(file)) for file in files()), shuffled=True)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for first in range(0, len(everything), ROUND):
            tried = everything[first : first + ROUND]
            asked = frozenset(rest)
            for mutant, unmet in zip(tried, pool.map(partial(unmet_under, rows=asked), tried), strict=True):
                if len(unmet) > max(len(asked) // 8, 3):
                    continue  # what breaks everything says little of any row
                for row in sorted(rest & unmet.keys()):
                    rest.remove(row)
                    yield row, mutant, unmet[row]
            sys.stderr.write(f"{first + len(tried)} mutants tried, {len(rest)} rows are left\n")
            if not rest:
                return


def tell_rows(found: Iterator[tuple[str, Mutant, str]]) -> bool:
    """A table of the recorded rows; says whether each has noticed something."""
    broken = {row: (mutant, said) for row, mutant, said in found}
    print("| row | broken by | what fails |\n|---|---|---|")
    for scenario in scenarios():
        mutant, said = broken.get(scenario.id, (None, ""))
        title = "nothing that was tried" if mutant is None else f"`{mutant.title}`"
        print(f"| {scenario.id} | {_cell(title)} | {_cell(said.partition(': ')[0])} |")
    return len(broken) == len(scenarios())


def tell_drills() -> bool:
    """A table of the drills' expectations; says whether each has noticed something."""
    print("\n| drill | altered fact | what fails |\n|---|---|---|")
    whole = True
    for drill in drills():
        for row, expectation, altered in noticed(drill):
            print(f"| {row} | {_cell(altered or 'nothing that was tried')} | {_cell(expectation)} |", flush=True)
            whole = whole and bool(altered)
    return whole


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    raise SystemExit(main())
