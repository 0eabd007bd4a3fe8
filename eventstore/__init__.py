"""An append-only event store: streams of envelopes in a hash chain, and snapshots beside them.

It stores bytes and does not know what they mean. Start at `eventstore.port` (what a store can do), then
`eventstore.store` (on a database) and `eventstore.memory` (in memory).
"""
