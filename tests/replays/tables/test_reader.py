"""Reading a tape: typed events, as often as wanted, without running anything of it."""

import json
from decimal import getcontext
from itertools import islice
from pathlib import Path

import pytest

from perptape import DamageError, PerptapeError, events, open_recording
from perptape.eventstore.envelope import Record
from perptape.eventstore.store import EventStore
from perptape.replays.tables.catalogue import TABLES, TableName, find_table
from perptape.replays.tables.errors import TableError
from perptape.replays.upkeep.transfer import import_recording
from tests.replays.surgery import Tape

OWN = "raise SystemExit('the code that a recording names was run')\n"


def test_events_are_typed_and_come_in_order_and_by_type(session_file: Path, session: Tape) -> None:
    recording = open_recording(session_file)
    assert [line.version for line in recording] == list(range(1, len(session.events) + 1))

    wanted = list(recording.events(events.OrderRequested, events.OrderFilled))
    assert {type(line.data) for line in wanted} == {events.OrderRequested, events.OrderFilled}
    request = next(line for line in wanted if isinstance(line.data, events.OrderRequested))
    assert session.at(request.version)["data"]["size"] == str(request.data.size)
    assert request.cause == session.at(request.version)["cause"]


def test_what_the_header_says_is_there(short_file: Path) -> None:
    recording = open_recording(str(short_file))
    assert (recording.stream, recording.first_version) == ("bot", 1)
    assert [strategy.name for strategy in recording.settings.strategies] == ["trend", "bars", "reversion", "carry"]
    assert recording.release
    assert repr(recording).startswith(f"<recording {str(short_file)!r} of stream 'bot'; tables: fills, orders,")


def test_a_batch_reader_gives_the_same_rows(session_file: Path) -> None:
    recording = open_recording(session_file)
    names: tuple[TableName, ...] = ("events", "equity")
    for name in names:
        assert recording.batches(name).read_all().equals(recording.table(name))


@pytest.mark.parametrize("name", [table.name for table in TABLES.values()])
def test_no_table_runs_the_code_that_a_recording_names(
    name: TableName, session: Tape, session_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    trading = json.loads(session.header)["trading"]
    named = session._replace(events=tuple(with_own_code(line) for line in session.events))
    tape = named.reheaded(trading=json.loads(with_own_code(json.dumps(trading, separators=(",", ":")).encode())))
    assert [b"own.py:Own" in part for part in (tape.header, b"".join(tape.events))] == [True, True]
    path = tape.write(tmp_path / "s.jsonl")

    found, plain = open_recording(path).table(name), open_recording(session_file).table(name)
    if name == "events":  # the settings and hashes are others
        found, plain = found.drop(["data", "hash"]), plain.drop(["data", "hash"])
    assert found.equals(plain)


def with_own_code(text: bytes) -> bytes:
    return text.replace(b'"kind":"ma_crossover"', b'"kind":"own.py:Own"')


def test_a_stream_is_read_as_it_was_when_it_was_opened(short_file: Path, short: Tape, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tape.db'}"
    with EventStore.open(url, create=True) as store:
        import_recording(store, short_file)
    recording = open_recording("bot", store=url)
    last = short.at(len(short.events))
    with EventStore.open(url) as store:
        timer = Record("TimerFired", 1, last["at_ns"] + 1, None, b'{"timer_id":"unknown"}')
        store.append("bot", last["version"], [timer])

    assert recording.table("events").num_rows == len(short.events)
    assert open_recording("bot", store=url).table("events").num_rows == len(short.events) + 1


def test_the_store_is_found_as_the_commands_find_it(
    short_file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EventStore.open("sqlite:///mine.sqlite", create=True) as store:
        import_recording(store, short_file)
    monkeypatch.setenv("PERPTAPE_STORE", f"sqlite:///{folder / 'mine.sqlite'}")
    assert open_recording("bot").stream == "bot"
    with pytest.raises(PerptapeError, match=r"^other: neither a file nor a stream in .* \(streams there: bot\)$"):
        open_recording("other")


def test_damage_is_raised_where_it_is_and_not_before(session: Tape, tmp_path: Path) -> None:
    line = session.events[599].replace(b'"at_ns":1', b'"at_ns":2')
    recording = open_recording(session.with_line(600, line).write(tmp_path / "s.jsonl"))
    assert [line.version for line in islice(recording, 599)] == list(range(1, 600))
    for name in TABLES:
        with pytest.raises(DamageError, match="damage at version 600"):
            recording.table(find_table(name).name)


def test_an_event_that_cannot_be_folded_is_damage(session: Tape, tmp_path: Path) -> None:
    version = next(open_recording(session.write(tmp_path / "sound.jsonl")).events(events.OrderFilled)).version
    path = session.changed(version, price="1E+999999", size="1E+999999").write(tmp_path / "s.jsonl")
    with pytest.raises(DamageError, match=f"damage at version {version}: cannot be folded: Overflow"):
        open_recording(path).table("fills")


def test_an_unknown_table_is_refused(short_file: Path) -> None:
    with pytest.raises(TableError, match=r"^no table 'trades': choose one of fills, orders, signals, "):
        open_recording(short_file).table("trades")  # type: ignore[arg-type]


def test_the_reader_leaves_the_decimal_context_alone(session_file: Path) -> None:
    before = getcontext().copy()
    rows = open_recording(session_file).rows(find_table("equity"))
    next(rows)
    assert getcontext().prec == before.prec
    assert getcontext().traps == before.traps
