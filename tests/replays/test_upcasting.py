"""A later release in which events have other fields reads, verifies, rebuilds and replays what this one recorded.

The later release is a copy of the packages in which a field of an observation was renamed and then joined by another,
and a field of a decision was renamed: two schemas on, and one.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from perptape.eventstore.envelope import Record
from perptape.eventstore.store import EventStore
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.proof.verify import verify
from perptape.replays.tape.errors import NotARecordingError, SourceError
from perptape.replays.tape.source import TapePoint
from perptape.replays.upkeep.transfer import import_recording
from tests.house.layout import copy_package
from tests.replays.mutations import Mutation, mutate
from tests.replays.surgery import Tape
from tests.replays.test_mutations import replay_in, run_in

REGISTER = """

def _bid_depth(data: dict[str, Any]) -> dict[str, Any]:
    return {"bid_depth" if key == "bid_size" else key: value for key, value in data.items()}


def _levels(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "levels": 1}


def _looked_at(data: dict[str, Any]) -> dict[str, Any]:
    data["looked_at"] = data.pop("price")
    return data


UPCASTERS = {**UPCASTERS, "QuoteUpdated": (_bid_depth, _levels), "SignalGenerated": (_looked_at,)}
"""
LATER = (
    Mutation(
        "the observation, twice",
        "core/events/market.py",
        "    bid_size: Decimal\n    ask: Decimal\n    ask_size: Decimal\n    venue_at_ns: int\n",
        "    bid_depth: Decimal\n    ask: Decimal\n    ask_size: Decimal\n    venue_at_ns: int\n    levels: int\n",
    ),
    Mutation("its fold", "core/evolve/prices.py", "quote.bid_size", "quote.bid_depth"),
    Mutation(
        "the decision, once",
        "core/events/decisions.py",
        "    confidence: Decimal\n    price: Decimal\n",
        "    confidence: Decimal\n    looked_at: Decimal\n",
    ),
    Mutation(
        "who decides it",
        "core/decide/trading.py",
        "            price=trimmed(market.price),\n            reason=signal.reason,",
        "            looked_at=trimmed(market.price),\n            reason=signal.reason,",
    ),
)


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of a later release."""
    tree = copy_package(tmp_path_factory.mktemp("later"))
    for mutation in LATER:
        mutate(tree, mutation)
    with (tree / "core/events/upcasters.py").open("a") as upcasters:
        upcasters.write(REGISTER)
    for compiled in (tree / "core/events").glob("__pycache__/upcasters.*"):
        compiled.unlink()
    return tree


def answer(tree: Path, *arguments: str) -> Any:
    done = run_in(tree, "-m", "perptape.cli", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def decoded(tree: Path, recording: Path, version: int) -> list[str]:
    """What the later release makes of one line, whole and in parts."""
    script = (
        "import sys, json\n"
        "from perptape.core.codec import decode_data, decode_line, decode_lines\n"
        "line = open(sys.argv[1], 'rb').read().splitlines(keepends=True)[int(sys.argv[2])]\n"
        "raw = json.loads(line)\n"
        "data = json.dumps(raw['data']).encode()\n"
        "one, [many] = decode_line(line), decode_lines([line])\n"
        "assert one == many and one.data == decode_data(raw['type'], raw['schema'], data)\n"
        "print(one.version, one.schema, one.cause)\n"
        "print(one.data)\n"
    )
    done = run_in(tree, "-c", script, str(recording), str(version))
    assert done.stderr == ""
    return done.stdout.splitlines()


def first(tape: Tape, kind: str) -> int:
    return next(version for version in range(1, len(tape.events)) if tape.at(version)["type"] == kind)


def test_an_event_is_decoded_into_the_form_of_the_later_release(later: Path, session: Tape, session_file: Path) -> None:
    version = first(session, "QuoteUpdated")
    quote = session.at(version)["data"]
    head, event = decoded(later, session_file, version)
    assert head == f"{version} 1 None"
    assert f"bid_depth=Decimal('{quote['bid_size']}')" in event
    assert "levels=1" in event

    version = first(session, "SignalGenerated")
    head, event = decoded(later, session_file, version)
    assert head == f"{version} 1 {session.at(version)['cause']}"
    assert f"looked_at=Decimal('{session.at(version)['data']['price']}')" in event


def test_the_recording_is_replayed_to_the_last_decision_and_the_same_state(later: Path, session_file: Path) -> None:
    status, result = replay_in(later, session_file)
    today = replay_file(session_file)

    assert (status, result["divergence"]) == (0, None)
    assert result["reproduced"] == result["decisions"] == today.decisions
    assert result["state_digest"] == today.state_digest


def test_the_recording_is_verified_and_rebuilt(later: Path, session_file: Path) -> None:
    verified = answer(later, "verify", str(session_file))
    rebuilt = answer(later, "rebuild", str(session_file))

    assert (verified["ok"], verified["first_bad"]) == (True, None)
    assert verified["cold"] == rebuilt["state_digest"] == rebuild(str(session_file), "", TapePoint()).state_digest


def test_it_goes_into_a_store_and_comes_out_again_with_its_old_bytes(
    later: Path, session_file: Path, tmp_path: Path
) -> None:
    store_url = f"sqlite:///{tmp_path / 'tape.db'}"
    exported = tmp_path / "out.jsonl"
    assert run_in(later, "-m", "perptape.cli", "store", "init", "--store", store_url).returncode == 0

    answer(later, "store", "import", str(session_file), "--store", store_url)
    answer(later, "store", "export", "bot", "-o", str(exported), "--store", store_url)

    assert exported.read_bytes() == session_file.read_bytes()
    assert answer(later, "verify", "bot", "--store", store_url)["ok"]


def test_a_forged_decision_still_diverges_and_is_shown_in_todays_form(
    later: Path, session: Tape, tmp_path: Path
) -> None:
    version = first(session, "SignalGenerated")
    forged = session.changed(version, price="1").write(tmp_path / "s.jsonl")

    status, result = replay_in(later, forged)

    assert (status, result["reproduced"]) == (1, session.decisions.index(version))
    assert result["divergence"]["reason"] == "SignalGenerated differs in data.looked_at"
    assert result["divergence"]["recorded"]["data"]["looked_at"] == "1"


@pytest.mark.parametrize("other", ['"bid_size":"1E+1"', '"bid_size":"10.0","bid_size":"10"', '"bid_size": "10"'])
def test_an_old_line_that_its_release_would_not_have_written_is_damage(
    later: Path, session: Tape, tmp_path: Path, other: str
) -> None:
    version = first(session, "QuoteUpdated")
    line = session.events[version - 1]
    start = line.index(b'"bid_size"')
    altered = line[:start] + other.encode() + line[line.index(b",", start) :]
    path = session.with_line(version, altered).rechained().write(tmp_path / "s.jsonl")

    done = run_in(later, "-m", "perptape.cli", "verify", str(path), "--json")

    assert done.returncode == 1
    found = json.loads(done.stdout)["first_bad"]
    assert (found["version"], found["reason"]) == (version, "the line is not in canonical form")


@pytest.mark.parametrize("damage", [{"data": {"seq": 1}}, {"schema": 0}, {"cause": 1}])
def test_an_old_line_that_is_no_event_is_damage(
    later: Path, session: Tape, tmp_path: Path, damage: dict[str, Any]
) -> None:
    version = first(session, "QuoteUpdated")
    path = session.forged(version, {**session.at(version), **damage}).write(tmp_path / "s.jsonl")

    status, result = replay_in(later, path)

    assert (status, result["divergence"]["version"], result["divergence"]["kind"]) == (1, version, "damage")


def test_what_a_later_release_recorded_is_not_damage_but_too_new(short: Tape, tmp_path: Path) -> None:
    version = first(short, "QuoteUpdated")
    newer = short.forged(version, {**short.at(version), "schema": 2}).write(tmp_path / "s.jsonl")
    says = f"version {version} was .* by a newer release: QuoteUpdated has schema 2; this release knows schema 1"

    with pytest.raises(NotARecordingError, match=says):
        replay_file(newer)
    with pytest.raises(NotARecordingError, match=says):
        verify(str(newer), "")

    url = f"sqlite:///{tmp_path / 'tape.db'}"
    with EventStore.open(url, create=True) as store:
        with pytest.raises(NotARecordingError, match=says):
            import_recording(store, newer)
        import_recording(store, short.write(tmp_path / "old.jsonl"))
        head = store.head("bot").version
        event = short.at(version)
        data = json.dumps(event["data"]).encode()
        store.append("bot", head, [Record("QuoteUpdated", 2, event["at_ns"], None, data)])
    with pytest.raises(SourceError, match=says.replace(str(version), str(head + 1), 1)):
        rebuild("bot", url, TapePoint())
