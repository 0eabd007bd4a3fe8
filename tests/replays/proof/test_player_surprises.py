"""Replay of what nobody foresaw: code that raises, and observations that were forged so well that every hash fits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perptape.core.decide import DECISIONS_BY_OBSERVATION
from perptape.core.events import OrderFilled
from perptape.core.evolve import FOLDS
from perptape.core.money import arithmetic
from perptape.replays.proof.divergence import Divergence
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.verify import verify
from tests.replays.command import perptape
from tests.replays.surgery import Tape

ANSWERS: dict[type, Callable[[Any, Any], Any]] = DECISIONS_BY_OBSERVATION
FOLDINGS: dict[type, Callable[[Any, Any], object]] = FOLDS


# Code that raises.


@pytest.fixture
def broken_answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[type], None]:
    def break_it(observation: type) -> None:
        def broken(_state: object, _event: object) -> Any:
            raise ZeroDivisionError("by zero")

        monkeypatch.setitem(ANSWERS, observation, broken)

    return break_it


def test_code_that_raises_is_a_divergence_too(
    short: Tape, tmp_path: Path, broken_answer: Callable[[type], None]
) -> None:
    filled = next(v for v in range(1, 99) if short.at(v)["type"] == "OrderFilled")
    broken_answer(OrderFilled)
    assert replay_file(short.write(tmp_path / "s.jsonl")).divergences == [
        Divergence(
            filled,
            f"today's code raised an error in the turn of version {filled}: ZeroDivisionError: by zero",
            "raised",
            short.plain(filled),
            None,
        )
    ]


def test_code_that_raises_after_its_last_decision_is_a_divergence_too(
    short: Tape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sound(_state: object, _event: object) -> Any:
        yield from ()
        raise ZeroDivisionError("at the end")

    monkeypatch.setitem(ANSWERS, OrderFilled, sound)
    first = next(version for version in range(1, 99) if short.at(version)["type"] == "OrderFilled")
    until = short._replace(events=short.events[:first]).rechained()
    [divergence] = replay_file(until.write(tmp_path / "s.jsonl")).divergences
    assert (divergence.version, divergence.kind, divergence.recorded) == (first + 1, "raised", None)
    [divergence] = replay_file(short.write(tmp_path / "s.jsonl")).divergences
    assert (divergence.version, divergence.kind) == (first + 1, "raised")


def test_a_fold_that_raises_is_a_divergence_of_a_replay_and_damage_to_a_rebuild(
    short: Tape, short_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_state: object, _event: object) -> None:
        raise LookupError("nowhere")

    filled = next(version for version in range(1, 99) if short.at(version)["type"] == "OrderFilled")
    monkeypatch.setitem(FOLDINGS, OrderFilled, broken)
    divergence = replay_file(short_file).divergence
    assert divergence is not None
    assert (divergence.version, divergence.kind) == (filled, "raised")
    verified = verify(str(short_file), "")
    assert verified.first_bad is not None
    assert (verified.first_bad.version, verified.first_bad.reason) == (
        filled,
        "cannot be folded: LookupError: nowhere",
    )


# Forged observations.


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "sNaN"])
@pytest.mark.parametrize("field", ["bid", "ask_size"])
@pytest.mark.parametrize("quote", ["first", "last"])
def test_a_number_that_is_no_amount_is_damage(short: Tape, number: str, field: str, quote: str, tmp_path: Path) -> None:
    quotes = [version for version in range(1, len(short.events)) if short.at(version)["type"] == "QuoteUpdated"]
    version = quotes[0] if quote == "first" else quotes[-1]
    path = short.changed(version, **{field: number}).write(tmp_path / "s.jsonl")
    verified = verify(str(path), "")
    assert verified.first_bad is not None
    assert verified.first_bad.version == version
    for go_on in (False, True):
        divergence = replay_file(path, go_on=go_on).divergence
        if divergence is None:
            assert (field, quote) == ("ask_size", "first"), "only what nothing looked at before it was replaced"
        else:
            assert (divergence.version, divergence.kind) == (version, "damage")


@pytest.mark.parametrize(("kind", "field"), [("OrderFilled", "size"), ("AccountReported", "cash")])
def test_a_number_that_is_no_amount_is_damage_though_the_code_only_raises(
    short: Tape, kind: str, field: str, tmp_path: Path
) -> None:
    version = next(version for version in range(1, 99) if short.at(version)["type"] == kind)
    path = short.changed(version, **{field: "NaN"}).write(tmp_path / "s.jsonl")
    [divergence] = replay_file(path).divergences
    assert (divergence.version, divergence.kind) == (version, "damage")


NUMBERS = ["0", "-5", "0.00000001", "99999999999999999999999999", "NaN", "1E+9", 7, None]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_forged_observation_is_followed_by_a_divergence_or_nothing(
    short: Tape, tmp_path: Path, data: st.DataObject
) -> None:
    observations = [v for v in range(1, len(short.events) + 1) if short.at(v)["cause"] is None]
    version = data.draw(st.sampled_from(observations))
    event = short.at(version)
    field = data.draw(st.sampled_from(sorted(event["data"])))
    lie = data.draw(st.sampled_from([*NUMBERS, "ETH-PERP", "DOGE-PERP", "", [], {}, True, 2**70, -1]))
    path = short.changed(version, **{field: lie}).write(tmp_path / "s.jsonl")
    allowed = (0, 1, 2) if event["type"] == "ConfigurationLoaded" else (0, 1)
    for replay in (perptape("replay", path, "--json"), perptape("replay", "--all", path, "--json")):
        assert replay.status in allowed
        for divergence in (each["divergence"] for each in replay.data):
            assert divergence is None or divergence["version"] >= version
    assert perptape("verify", path).status in allowed
    assert perptape("rebuild", path).status in allowed


def test_the_decimal_context_of_the_caller_does_not_matter(short_file: Path) -> None:
    with arithmetic() as _:
        inside = replay_file(short_file)
    assert inside.state_digest == replay_file(short_file).state_digest
