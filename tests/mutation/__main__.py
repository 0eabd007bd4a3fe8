"""`python -m tests.mutation`: judge a sample and say which mutants nobody noticed."""

import argparse
import json
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from tests.mutation.judge import Verdict, judge, played
from tests.mutation.mutant import Mutant, files, mutants_of, sample


def main() -> int:
    """Judge, report, and fail below the share that is asked for."""
    parser = argparse.ArgumentParser(description="Which changes of behaviour do the catalogue's expectations notice?")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--least", type=float, default=0.8, help="share that expectations must notice")
    parser.add_argument("--file", default="", help="all mutants of one file instead of a sample")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
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
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
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
    """Mutants that change a decision which replaying does not notice: there must be none."""
    return [verdict for verdict in verdicts if verdict.decided_otherwise and not verdict.noticed_by_bytes]


def tell(verdicts: list[Verdict]) -> None:
    """Survivors by file, then the figures."""
    for verdict in verdicts:
        if verdict.fate == "survived":
            changes = f"  (decides otherwise in {verdict.decided_otherwise})" if verdict.decided_otherwise else ""
            print(f"survived  {verdict.mutant.title}{changes}")
    for verdict in missed_by_bytes(verdicts):
        print(f"NOT NOTICED BY BYTES  {verdict.mutant.title}: {verdict.decided_otherwise}")
    fates = Counter(verdict.fate for verdict in verdicts)
    print(
        f"{len(verdicts)} of {sum(len(mutants_of(file)) for file in files())} mutants: "
        f"{fates['expectation']} noticed by an expectation, {fates['broke down']} broke down, "
        f"{fates['survived']} survived; {share(verdicts):.1%} noticed"
    )


if __name__ == "__main__":
    raise SystemExit(main())
