"""Recordings of every released version, and the proof that this code reads, verifies, replays and rebuilds them."""
