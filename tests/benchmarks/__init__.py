"""Benchmarks beside peers, which are installed aside: nothing here is a test."""
