"""Drills of the store with real processes: kills, contention, full disks."""
