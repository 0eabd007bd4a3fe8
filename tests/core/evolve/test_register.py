"""An event type has one fold."""

import pytest

from perptape.core.events import AlertDelivered, AlertFailed
from perptape.core.evolve.register import fold, table_of
from perptape.core.state import State


def _settled(state: State, event: AlertDelivered | AlertFailed) -> None:
    state.alerts.pop(event.alert_id, None)


def test_several_event_types_may_share_a_fold() -> None:
    assert table_of((fold(AlertDelivered, _settled),), (fold(AlertFailed, _settled),)) == {
        AlertDelivered: _settled,
        AlertFailed: _settled,
    }


def test_a_second_fold_of_an_event_type_is_refused() -> None:
    pair = fold(AlertDelivered, _settled)
    with pytest.raises(ValueError, match="AlertDelivered has two folds"):
        table_of((pair,), (pair,))
