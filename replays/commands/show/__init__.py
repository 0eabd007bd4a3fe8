"""Showing results to people: short text for a terminal, and the same figures as JSON for programs."""
