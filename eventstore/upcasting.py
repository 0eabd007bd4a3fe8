"""Upcasting: bringing the JSON object of an event of an earlier schema to today's, when it is read.

What is stored is never changed, so the chain of hashes stays as it is. An upcaster is a pure function from the object
of one schema to that of the next; they are chained, so that a new schema needs one new function and no change to the
older ones.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from perptape.eventstore.errors import UnknownSchemaError

JsonObject = dict[str, Any]
Upcaster = Callable[[JsonObject], JsonObject]
"""Makes of an event's data in one schema what it is in the next. It may change its argument and return it."""


class Upcasting:
    """The upcasters of each event type: the first from schema 1 to 2, the next from 2 to 3, and so on.

    So a type's current schema is one more than its upcasters, and none can be missing.
    """

    def __init__(self, upcasters: Mapping[str, Sequence[Upcaster]]) -> None:
        self._upcasters = {name: tuple(chain) for name, chain in upcasters.items()}

    def current_schema(self, type_name: str) -> int:
        """The schema in which events of this type are written today."""
        return len(self._upcasters.get(type_name, ())) + 1

    def upcast(self, type_name: str, schema: int, data: JsonObject) -> JsonObject:
        """The data as it would be in the current schema. Raises UnknownSchemaError, and what an upcaster raises."""
        current = self.current_schema(type_name)
        if not 0 < schema <= current:
            raise UnknownSchemaError(type_name, schema, current)
        for upcaster in self._upcasters.get(type_name, ())[schema - 1 :]:
            data = upcaster(data)
        return data
