"""Tests: the tree mirrors the source; every test reads as a rule."""
