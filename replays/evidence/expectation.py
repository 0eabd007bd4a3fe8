"""Expectations: what a scenario verifies, by name, checked against what happened and never by comparing bytes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import Struct


class UnmetError(Exception):
    """An expectation does not hold; the text says what was expected and what happened."""


class Expectation(Struct, frozen=True):
    """A phrase of the catalogue and the check behind it."""

    phrase: str
    """As the catalogue says it."""
    name: str
    check: Callable[[Any], None]
    """Takes the run, or the facts of a drill; raises UnmetError when it does not hold."""


def verifies(phrase: str) -> Callable[[Callable[[Any], None]], Expectation]:
    """Make a check the expectation behind a phrase: its name is the function's, in words."""

    def named(check: Callable[[Any], None]) -> Expectation:
        return Expectation(phrase, check.__name__.replace("_", " "), check)

    return named


def require(holds: object, say: str) -> None:
    """Raise UnmetError with `say` unless it holds."""
    if not holds:
        raise UnmetError(say)


def require_equal(actual: Any, expected: Any, what: str) -> None:
    """Raise UnmetError with both values unless they are equal."""
    if actual != expected:
        raise UnmetError(f"{what}: expected {shown(expected)}, found {shown(actual)}")


def shown(value: Any) -> str:
    """A value for people: decimals in plain notation, sequences item by item."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(shown(item) for item in value)}]"
    return repr(value)
