"""Looking after stored streams: import, export, archives, seals, and the check of a store."""
