"""An append-only event store: streams of envelopes in a hash chain, and snapshots beside them.

It stores bytes and does not know what they mean. Start at `perptape.eventstore.port` (what a store can do), then
`perptape.eventstore.store` (on a database) and `perptape.eventstore.memory` (in memory).
"""
