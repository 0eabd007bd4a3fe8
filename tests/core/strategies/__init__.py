"""Tests of the shipped strategies: prices or rates go in, signals come out."""
