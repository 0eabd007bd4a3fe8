"""Proving many scenarios: finding them, recording them, running them in parallel."""
