"""Drills: bots in processes of their own, and the attacks on them and on their files."""
