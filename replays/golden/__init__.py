"""Goldens: what a recording came to, committed beside it, so that nothing about it changes unnoticed."""
