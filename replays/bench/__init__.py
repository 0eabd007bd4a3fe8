"""Benchmarks: what perptape does in a second, beside what a bare program does with the same input."""
