"""Clocks: the time of receipt, and what wakes a waiting bot."""
