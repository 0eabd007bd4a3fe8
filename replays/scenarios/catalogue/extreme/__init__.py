"""Extreme markets and failing infrastructure."""
