"""Proofs about a tape: replay, rebuild, verify, and checkpoints."""
