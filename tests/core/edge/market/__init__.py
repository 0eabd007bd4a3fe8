"""Rules of market files, market paths and synthetic markets."""
