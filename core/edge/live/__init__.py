"""The bot as a process: turns one after the other, background tasks, health, and an orderly end."""
