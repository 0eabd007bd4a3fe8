"""An observation type has one answer."""

from collections.abc import Iterable

import pytest

from perptape.core.decide.register import answer, table_of
from perptape.core.events import AlertDelivered, AlertFailed, Decision
from perptape.core.state import State


def _nothing(_state: State, _event: AlertDelivered | AlertFailed) -> Iterable[Decision]:
    return ()


def test_several_observation_types_may_share_an_answer() -> None:
    assert table_of((answer(AlertDelivered, _nothing),), (answer(AlertFailed, _nothing),)) == {
        AlertDelivered: _nothing,
        AlertFailed: _nothing,
    }


def test_a_second_answer_to_an_observation_type_is_refused() -> None:
    pair = answer(AlertDelivered, _nothing)
    with pytest.raises(ValueError, match="AlertDelivered has two answers"):
        table_of((pair,), (pair,))
