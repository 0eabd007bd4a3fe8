"""The event store's schema, step by step (Alembic). `eventstore.schema` runs them; users type `perptape store`."""
