"""Orchestration and state: starts, stops, windows, commands and time."""
