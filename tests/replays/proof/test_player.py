"""Replay: today's code gets the recorded observations, and every decision has to come out as recorded."""

from pathlib import Path
from typing import Any

import pytest

from perptape.replays.proof.divergence import Divergence
from perptape.replays.proof.player import Replay, replay_file
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.proof.verify import verify
from perptape.replays.tape.source import TapePoint
from tests.replays.surgery import Tape

FORGERIES: dict[str, dict[str, Any]] = {
    "StateDigestRecorded": {"digest": "0" * 64},
    "SignalGenerated": {"price": "1"},
    "SignalsAggregated": {"confidence": "0.4242"},
    "OrderRequested": {"size": "0.009"},
    "OrderBlocked": {"measured": "4242"},
    "OrderResubmitted": {"attempt": 9},
    "OrderAbandoned": {"client_order_id": "forged"},
    "OrderLookupRequested": {"attempt": 9},
    "TimerSet": {"due_at_ns": 1},
    "GuardTripped": {"limit": "7"},
    "GuardCleared": {"symbol": "forged"},
    "ModeChanged": {"halt_id": 7},
    "ReconciliationRequested": {"request_id": "forged"},
    "ReconciliationCompleted": {"differences": 99},
    "DriftDetected": {"theirs": "1"},
    "DriftRepaired": {"value": "1"},
    "AlertRaised": {"topic": "drift"},
}
"""One believable lie about each type of decision that the session holds."""


def replayed(tape: Tape, tmp_path: Path, *, go_on: bool = False) -> Replay:
    return replay_file(tape.write(tmp_path / "s.jsonl"), go_on=go_on)


def digest_at(path: Path, version: int) -> str:
    return rebuild(str(path), "", TapePoint(version=version)).state_digest


def test_a_session_replays_to_the_last_decision(session: Tape, session_file: Path) -> None:
    replay = replay_file(session_file)
    assert replay.divergence is None
    assert (replay.events, replay.decisions) == (len(session.events), len(session.decisions))
    assert replay.observations == replay.events - replay.decisions
    assert replay.reproduced == replay.decisions > 300
    assert replay.state_digest == digest_at(session_file, len(session.events))


def test_the_session_holds_every_forgery(session: Tape) -> None:
    assert {session.at(version)["type"] for version in session.decisions} == set(FORGERIES)


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_decision_diverges_exactly_there(session: Tape, kind: str, tmp_path: Path) -> None:
    version = next(version for version in session.decisions if session.at(version)["type"] == kind)
    forged = session.changed(version, **FORGERIES[kind])
    path = forged.write(tmp_path / "s.jsonl")
    replay = replay_file(path)
    [field] = FORGERIES[kind]
    assert replay.divergences == [
        Divergence(
            version,
            f"{kind} differs in data.{field}",
            "different",
            forged.plain(version),
            session.plain(version),
            (f"data.{field}",),
        )
    ]
    assert replay.reproduced == session.decisions.index(version)
    assert replay.state_digest == digest_at(path, version - 1)
    bad = verify(str(path), "").first_bad
    assert bad is None or "differs from the running bot's" in bad.reason, "the file is as it was written"


def test_every_forged_decision_of_a_session_diverges_exactly_there(short: Tape, tmp_path: Path) -> None:
    for version in short.decisions:
        kind = short.at(version)["type"]
        replay = replayed(short.changed(version, **FORGERIES[kind]), tmp_path)
        assert [found.version for found in replay.divergences] == [version], kind


@pytest.mark.sweep
def test_every_forged_decision_of_the_eventful_session_diverges_exactly_there(session: Tape, tmp_path: Path) -> None:
    for version in session.decisions:
        replay = replayed(session.changed(version, **FORGERIES[session.at(version)["type"]]), tmp_path)
        assert [found.version for found in replay.divergences] == [version]


@pytest.mark.parametrize(("field", "change"), [("at_ns", 1), ("cause", -1)])
def test_when_and_why_a_decision_was_made_are_compared_too(
    short: Tape, field: str, change: int, tmp_path: Path
) -> None:
    version = short.decisions[-1]
    event = short.at(version)
    divergence = replayed(short.forged(version, {**event, field: event[field] + change}), tmp_path).divergence
    assert divergence is not None
    assert (divergence.version, divergence.kind, divergence.fields) == (version, "different", (field,))


def test_another_type_of_decision_is_named_as_one(short: Tape, tmp_path: Path) -> None:
    version = next(version for version in short.decisions if short.at(version)["type"] == "OrderRequested")
    signal = next(version for version in short.decisions if short.at(version)["type"] == "SignalGenerated")
    swapped = {**short.at(version), "type": "SignalGenerated", "data": short.at(signal)["data"]}
    divergence = replayed(short.forged(version, swapped), tmp_path).divergence
    assert divergence is not None
    assert divergence.reason == "OrderRequested instead of SignalGenerated"
    assert "type" in divergence.fields


def last_of_turn(tape: Tape) -> int:
    """The last version of a turn in the middle that ends with a signal or a refusal, which no later event builds on."""
    return next(
        version
        for version in tape.decisions[len(tape.decisions) // 3 :]
        if tape.at(version)["type"] in ("OrderBlocked", "SignalGenerated") and tape.at(version + 1)["cause"] is None
    )


def test_a_decision_that_was_not_recorded_is_extra(session: Tape, tmp_path: Path) -> None:
    version = last_of_turn(session)
    replay = replayed(session.without(version), tmp_path)
    kind = session.at(version)["type"]
    assert replay.divergences == [
        Divergence(version, f"{kind}: new decision (not in the recording)", "extra", None, session.plain(version))
    ]


def test_a_decision_that_is_not_made_any_more_is_missing(session: Tape, tmp_path: Path) -> None:
    version = last_of_turn(session)
    padded = session.with_inserted(version + 1, session.at(version))
    kind = session.at(version)["type"]
    assert replayed(padded, tmp_path).divergences == [
        Divergence(
            version + 1, f"{kind}: no longer decided (only recorded)", "missing", padded.plain(version + 1), None
        )
    ]


def test_a_decision_after_an_observation_that_is_answered_by_none_is_missing(short: Tape, tmp_path: Path) -> None:
    quiet = next(
        version
        for version in range(20, len(short.events))
        if short.at(version)["type"] == "QuoteUpdated" and short.at(version + 1)["cause"] is None
    )
    signal = short.at(next(version for version in short.decisions if short.at(version)["type"] == "SignalGenerated"))
    invented = {**signal, "at_ns": short.at(quiet)["at_ns"], "cause": quiet}
    divergence = replayed(short.with_inserted(quiet + 1, invented), tmp_path).divergence
    assert divergence is not None
    assert (divergence.version, divergence.kind) == (quiet + 1, "missing")


def test_a_turn_missing_at_the_very_end_is_extra(short: Tape, tmp_path: Path) -> None:
    kinds = {version: short.at(version)["type"] for version in short.decisions}
    last = max(version for version, kind in kinds.items() if kind != "StateDigestRecorded")
    cut = short._replace(events=short.events[: last - 1]).rechained()
    divergence = replayed(cut, tmp_path).divergence
    assert divergence is not None
    assert (divergence.version, divergence.kind) == (last, "extra")


# Going on.


def quiet_decisions(tape: Tape) -> list[int]:
    """Decisions from which nothing follows, one a turn, each the last of its turn."""
    return [
        version
        for version in tape.decisions
        if tape.at(version)["type"] == "OrderBlocked" and tape.at(version + 1)["cause"] is None
    ]


def test_all_lists_each_turn_that_diverges_and_goes_on_as_recorded(session: Tape, tmp_path: Path) -> None:
    chosen = quiet_decisions(session)[1::9]
    forged = session
    for version in chosen:
        forged = forged.changed(version, measured="4242")
    path = forged.write(tmp_path / "s.jsonl")
    replay = replay_file(path, go_on=True)
    assert [found.version for found in replay.divergences] == chosen
    assert (replay.events, replay.decisions) == (len(session.events), len(session.decisions))
    assert replay.reproduced == replay.decisions - len(chosen)
    assert replay.state_digest == digest_at(path, len(session.events))
    assert [found.version for found in replay_file(path).divergences] == chosen[:1]


def test_what_follows_in_a_diverged_turn_is_compared_too(session: Tape, tmp_path: Path) -> None:
    first = next(
        version
        for version in session.decisions[9:]
        if session.at(version)["type"] == "SignalGenerated" and session.at(version + 1)["cause"] is not None
    )
    forged = session.changed(first, price="1")
    replay = replayed(forged, tmp_path, go_on=True)
    assert [found.version for found in replay.divergences] == [first]
    assert replay.reproduced == replay.decisions - 1
    later = next(
        version for version in session.decisions if version > first and "reason" in session.at(version)["data"]
    )
    assert session.at(later)["cause"] == session.at(first)["cause"]


def test_a_recorded_order_counts_even_where_today_it_would_not_be_placed(session: Tape, tmp_path: Path) -> None:
    order = next(version for version in session.decisions if session.at(version)["type"] == "OrderRequested")
    path = session.changed(order, size="0.017").write(tmp_path / "s.jsonl")
    replay = replay_file(path, go_on=True)
    assert replay.divergences[0].version == order
    assert replay.state_digest == digest_at(path, len(session.events))


# Damage and divergence.


def test_damage_further_on_comes_before_a_divergence(session: Tape, tmp_path: Path) -> None:
    forged = session.changed(session.decisions[3], **FORGERIES[session.at(session.decisions[3])["type"]])
    late = len(session.events) - 5
    broken = forged.with_line(late, forged.events[late - 1].replace(b'"at_ns":1', b'"at_ns":2', 1))
    [divergence] = replayed(broken, tmp_path).divergences
    assert (divergence.version, divergence.kind) == (late, "damage")
    [divergence] = replayed(broken, tmp_path, go_on=True).divergences
    assert (divergence.version, divergence.kind) == (late, "damage")


def test_a_missing_trailer_comes_before_a_divergence(session: Tape, tmp_path: Path) -> None:
    forged = session.changed(session.decisions[3], **FORGERIES[session.at(session.decisions[3])["type"]])
    [divergence] = replayed(forged._replace(trailer=b""), tmp_path).divergences
    assert (divergence.version, divergence.kind) == (len(session.events) + 1, "damage")
