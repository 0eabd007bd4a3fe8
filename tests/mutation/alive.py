"""The changed function, put in the place of the living one and taken out again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType

from tests.mutation.mutant import Mutant, code_of


class NoSuchFunctionError(Exception):
    """The mutant's function is not there to be changed."""


def living(mutant: Mutant) -> list[FunctionType]:
    """The functions that a mutant changes: whoever holds them goes on holding them."""
    module = "perptape." + mutant.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return [
        found
        for found in gc.get_objects()
        if type(found) is FunctionType and found.__module__ == module and found.__qualname__ == mutant.function
    ]


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    """Run under a mutant. Raises NoSuchFunctionError."""
    functions = living(mutant)
    if not functions:
        raise NoSuchFunctionError(mutant.title)
    code = code_of(mutant)
    before = [function.__code__ for function in functions]
    for function in functions:
        function.__code__ = code
    try:
        yield
    finally:
        for function, original in zip(functions, before, strict=True):
            function.__code__ = original
