"""The benchmarks measure what they say; how fast they are is no business of a test."""

import pytest

from perptape.core.money import arithmetic
from perptape.core.state import State
from perptape.replays.bench import NAMES, BenchmarkNameError, Sizes, as_data, as_text, floor_replay, run_benchmarks
from perptape.replays.bench.cases import chosen
from perptape.replays.bench.measure import Case, Result, Timed, measure
from perptape.replays.bench.store_cases import POSTGRES_NAMES
from perptape.replays.bench.tape import recorded
from perptape.replays.tape.fold import fold_recording
from perptape.replays.tape.reader import open_recording

SMALL = Sizes(quotes=1_500, candles=400, fills=300, singles=20)


def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    ours = iter([Timed(10, 1.0), Timed(10, 10.0), Timed(10, 2.0)])
    floor = iter([Timed(20, 1.0), Timed(10, 5.0), Timed(10, 2.0)])
    result = measure(Case("x", lambda: next(ours), lambda: next(floor)), rounds=3)
    assert result == Result("x", 5.0, 5.0, 0.5)


def test_every_benchmark_runs_and_is_reported_by_name(postgres_url: str) -> None:
    sizes = Sizes(quotes=1_500, candles=400, fills=300, singles=20, postgres=postgres_url)
    results = run_benchmarks([], sizes=sizes, rounds=1)
    assert [result.name for result in results] == list(NAMES)
    assert all(result.ours_per_s > 0 and result.floor_per_s > 0 for result in results)
    data = as_data(results)
    assert list(data) == ["results"]
    assert all(list(row) == ["name", "ours_per_s", "floor_per_s", "ratio"] for row in data["results"])
    assert len(as_text(results).splitlines()) == len(NAMES) + 1


def test_names_choose_by_their_beginning() -> None:
    assert chosen(["replay"]) == ["replay 10/20", "replay 100/500", "replay candles"]
    assert chosen(["read", "append one"]) == ["append one", "read"]
    assert chosen([], postgres=True) == list(NAMES)


def test_those_of_postgresql_need_a_server() -> None:
    assert [name for name in NAMES if name not in chosen([])] == list(POSTGRES_NAMES)
    with pytest.raises(BenchmarkNameError, match="--postgres"):
        run_benchmarks(["append one postgres"])


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BenchmarkNameError, match=r"bench speed: .*replay 10/20"):
        run_benchmarks(["speed"])


def test_the_floor_and_the_bot_agree_on_what_was_traded() -> None:
    tape = SMALL.tapes["10/20"]
    path = recorded(tape)
    state = State()
    with open_recording(path) as recording, arithmetic():
        fold_recording(recording, state)
    floor = floor_replay.run(path, tape.trigger, tape.fast, tape.slow, decides=False)
    assert floor.fills == state.account.total.fills > 0
    assert {symbol: book.size for symbol, book in floor.books.items() if book.size} == {
        symbol: position.size for symbol, position in state.positions.items()
    }
