# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""Every observation has an answer, and every event a fold."""

from perptape.core.decide import DECISIONS_BY_OBSERVATION
from perptape.core.events import DECISIONS, OBSERVATIONS
from perptape.core.evolve import FOLDS, is_observation
from tests.core.facts import started


def test_every_observation_has_one_answer() -> None:
    assert set(DECISIONS_BY_OBSERVATION) == set(OBSERVATIONS)


def test_every_event_has_one_fold() -> None:
    assert set(FOLDS) == {*OBSERVATIONS, *DECISIONS}


def test_a_fact_from_outside_is_an_observation_and_a_conclusion_is_not() -> None:
    assert is_observation(started())
    assert {kind.__name__ for kind in DECISIONS}.isdisjoint(kind.__name__ for kind in OBSERVATIONS)
