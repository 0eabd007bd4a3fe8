"""A scenario in words: its market, its script, its faults, and the reference page."""
