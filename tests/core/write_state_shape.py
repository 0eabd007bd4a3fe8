"""Writes tests/core/state_shape.json anew: `python -m tests.core.write_state_shape`."""

from tests.core.test_state_schema import SHAPE, written

if __name__ == "__main__":
    SHAPE.write_text(written(), "utf-8")
