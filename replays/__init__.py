"""Replays: recordings on file, replayed, rebuilt, verified, measured and shown."""
